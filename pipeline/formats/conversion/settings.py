"""How a script is run, where the other tool would run it otherwise: what is written for it, or said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.model import Script
from pipeline.sql.split import UnreadableSql, split
from pipeline.sql.statements import IndexBuild, IndexDrop, Repeatable, Statement

_ONE_BY_ONE = "executeInTransaction=false\n"
_AS_IT_IS = "placeholderReplacement=false\n"
_KNOWN_TO_FLYWAY = (IndexBuild, IndexDrop, Repeatable)
_PLACEHOLDER = "${"


@dataclass(frozen=True)
class Apart:
    """A script taken apart, as far as the grammar can read it."""

    script: Script

    @cached_property
    def statements(self) -> tuple[Statement, ...] | None:
        """Its statements; None where it cannot be read."""
        try:
            return split(self.script.sql)
        except UnreadableSql:
            return None

    @property
    def several(self) -> bool:
        """Whether it makes a difference if its statements run each on its own."""
        return self.statements is None or len(self.statements) > 1

    @property
    def one_by_one(self) -> bool:
        """Whether they are to."""
        return self.script.separate and self.several

    @property
    def eludes_flyway(self) -> bool:
        """Whether it is one statement that cannot run in a transaction, which Flyway does not see by itself."""
        outcome = self.statements[0].outcome if self.statements and len(self.statements) == 1 else None
        return outcome is not None and not isinstance(outcome, _KNOWN_TO_FLYWAY)

    @property
    def has_data(self) -> bool:
        """Whether it feeds rows to a COPY."""
        return any(statement.data is not None for statement in self.statements or ())


def beside(to: str, script: Script) -> str:
    """What Flyway's settings file of a script has to say; nothing where it needs none, as in other layouts."""
    if to != "flyway":
        return ""
    apart = Apart(script)
    one_by_one = _ONE_BY_ONE if apart.one_by_one or apart.eludes_flyway else ""
    return one_by_one + (_AS_IT_IS if _PLACEHOLDER in script.sql else "")


def options(to: str, scripts: Sequence[Script]) -> Mapping[str, object]:
    """The options with which the other layout means the same: those that are for all scripts alike."""
    several = [apart for apart in map(Apart, scripts) if apart.several]
    if to == "golang-migrate" and several and all(apart.one_by_one for apart in several):
        return {"x-multi-statement": True}
    return {}


def said(to: str, scripts: Sequence[Script]) -> Iterator[Finding]:
    """What of a script the other tool itself cannot do, or will do otherwise."""
    for_all = bool(options(to, scripts))
    for apart in () if to == "flyway" else map(Apart, scripts):
        if apart.one_by_one and not for_all:
            yield _finding(apart.script, f"its statements run one by one; {_UNABLE[to]}", _SPLIT)
        if apart.has_data:
            yield _finding(apart.script, f"it copies data from the script, which {to} itself cannot", _DATA)


_UNABLE = {
    "prisma": "Prisma runs them so from 7.4 on, and the whole script at once before",
    "golang-migrate": "golang-migrate runs the whole script at once, unless x-multi-statement is set for all",
}
_SPLIT = "if it was applied everywhere, leave it; else make a migration of each statement before you convert"
_DATA = "pipeline applies it all the same; for the tool itself, write the rows as INSERT"


def _finding(script: Script, message: str, hint: str) -> Finding:
    return Finding("convert", Severity.WARNING, message, Location(script.file.shown), hint)
