"""Small builders that the tests of the formats share."""

from collections.abc import Mapping, Sequence

from pipeline.findings import Finding
from pipeline.formats.model import History, LedgerRow, SourceFile


def sources(files: Mapping[str, str | bytes]) -> list[SourceFile]:
    """Files of a folder called migrations, as ``read_folder`` hands them over."""
    return [
        SourceFile(path, f"migrations/{path}", content.encode() if isinstance(content, str) else content)
        for path, content in sorted(files.items())
    ]


def names(*paths: str) -> list[SourceFile]:
    """Files that hold one harmless statement each."""
    return sources(dict.fromkeys(paths, "select 1;\n"))


def rules(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """What was found, and how much it matters."""
    return [(finding.rule, finding.severity.value) for finding in findings]


def history(rows: Sequence[LedgerRow]) -> History:
    """A ledger that exists and holds these rows."""
    return History(exists=True, rows=tuple(rows))
