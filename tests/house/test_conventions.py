"""Habits that no linter knows: nothing of ours is patched, and names say what is in a file."""

import ast
from pathlib import Path

import pytest

from tests.support.tree import ROOT, own_files, python_files

SAYS_NOTHING = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}


def patches(source: str) -> list[str]:
    """What a test replaces behind somebody's back: through mock, or by setting an attribute of ours."""
    tree = ast.parse(source)
    ours = _names_of_ours(tree)
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import) and "mock" in ast.unparse(node):
            found.append(ast.unparse(node))
        if isinstance(node, ast.arg) and node.arg == "mocker":
            found.append("mocker")
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".setattr", ".delattr", ".setitem")):
            target = ast.unparse(node.args[0]).strip("'\"")
            if target.partition(".")[0] in ours:
                found.append(ast.unparse(node))
    return found


def _names_of_ours(tree: ast.Module) -> set[str]:
    names = {"pipeline"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pipeline":
            names |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {
                alias.asname for alias in node.names if alias.asname and alias.name.startswith("pipeline")
            }
    return names


def test_nothing_of_ours_is_patched() -> None:
    found = {
        str(file): patched for file in python_files("tests") if (patched := patches((ROOT / file).read_text()))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "from unittest.mock import patch",
        "from unittest import mock",
        "import unittest.mock as m",
        "def test_a(mocker): ...",
        "monkeypatch.setattr('pipeline.sql.split', None)",
        "from pipeline import sql\nmonkeypatch.setattr(sql, 'split', None)",
        "import pipeline.sql as s\nmp.setattr(s, 'split', None)",
        "from pipeline.config.model import TABLE as t\nmonkeypatch.setitem(t, 'a', 1)",
    ],
)
def test_a_patch_is_noticed(source: str) -> None:
    assert patches(source)


def test_the_environment_and_foreign_modules_may_be_set() -> None:
    assert not patches(
        "monkeypatch.setenv('A', 'b')\nmonkeypatch.chdir('/')\nmonkeypatch.setattr(time, 'x', 1)"
    )


def test_every_file_name_says_something() -> None:
    assert not [str(file) for file in own_files() if file.name in SAYS_NOTHING]


def test_pytest_would_collect_nothing_of_the_package() -> None:
    collected = [
        file for file in python_files("pipeline") if file.match("test_*.py") or file.match("*_test.py")
    ]
    assert not collected


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {file.parent for file in python_files("tests") if file.parent != Path()}
    assert not [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()]
