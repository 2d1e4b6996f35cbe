"""Scripts rely on the numbers: each has one meaning, stands in the README, and is the command line's to use."""

import ast
import re

from pipeline.errors import ExitCode, PipelineError
from tests.support.tree import ROOT, python_files

ROW = re.compile(r"^\|\s*`?(\d+)`?\s*\|\s*\S", re.MULTILINE)
MAY_EXIT = (
    "pipeline/cli/",
    "pipeline/__main__.py",
    "pipeline/throwaway/supervisor.py",  # a program of its own
)
EXITS = {"sys.exit", "os._exit", "exit", "quit", "SystemExit"}


def documented(readme: str) -> list[int]:
    """The numbers of the table under the README's heading about exit codes."""
    _, _, after = readme.partition("## Exit codes")
    section, _, _ = after.partition("\n## ")
    return [int(number) for number in ROW.findall(section)]


def exits(source: str) -> list[int]:
    """The lines that end the process."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise | ast.Call)]
    return sorted({node.lineno for node in nodes if _ends(node)})


def _ends(node: ast.Raise | ast.Call) -> bool:
    said = node.exc if isinstance(node, ast.Raise) else node
    return said is not None and ast.unparse(said).partition("(")[0] in EXITS


def test_no_number_has_two_meanings() -> None:
    assert len(ExitCode.__members__) == len({int(code) for code in ExitCode.__members__.values()})


def test_no_two_kinds_of_error_share_a_number() -> None:
    codes = [error.exit_code for error in PipelineError.__subclasses__()]
    assert len(codes) == len(set(codes))


def test_the_readme_has_each_number_once_and_no_other() -> None:
    assert documented((ROOT / "README.md").read_text()) == sorted(int(code) for code in ExitCode)


def test_only_the_command_line_ends_the_process() -> None:
    found = {
        f"{file}:{line}"
        for file in python_files("pipeline")
        if not file.as_posix().startswith(MAY_EXIT)
        for line in exits((ROOT / file).read_text())
    }
    assert not found


def test_an_exit_is_found_in_every_spelling() -> None:
    assert exits("sys.exit(1)\nraise SystemExit(2)\nraise SystemExit\nos._exit(3)\nsys.exit\n") == [1, 2, 3, 4]


def test_a_number_that_is_missing_in_the_table_is_noticed() -> None:
    assert documented("## Exit codes\n|code|\n|--|\n| 0 | fine |\n| `3` | refused |\n## Next\n| 9 | x |") == [
        0,
        3,
    ]
