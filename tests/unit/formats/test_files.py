"""The migrations folder is read once, and nothing outside of it."""

import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.files import read_folder
from pipeline.formats.folder import read_release
from pipeline.formats.model import SourceFile
from tests.unit.formats.build import rules

FOLDER = Path("migrations")


def everything(path: str) -> bool:
    return bool(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / FOLDER).mkdir(parents=True)
    (tmp_path / "secret.sql").write_text("secret")
    return project


def write(root: Path, path: str, content: str = "select 1") -> Path:
    file = root / FOLDER / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def test_files_come_with_their_bytes_in_the_order_of_their_paths(root: Path) -> None:
    write(root, "b.sql", "2")
    write(root, "a/c.sql", "1")
    files, findings = read_folder(root, FOLDER, wanted=everything)
    assert files == (
        SourceFile("a/c.sql", "migrations/a/c.sql", b"1"),
        SourceFile("b.sql", "migrations/b.sql", b"2"),
    )
    assert findings == ()


def test_an_absolute_path_inside_of_the_project_is_read_too(root: Path) -> None:
    write(root, "a.sql")
    assert read_folder(root, root / FOLDER, wanted=everything)[0][0].shown == "migrations/a.sql"


def test_the_project_itself_may_be_the_folder(root: Path) -> None:
    write(root, "a.sql")
    assert read_folder(root, Path(), wanted=lambda _: True)[0][0].shown == "migrations/a.sql"


def test_a_folder_without_anything_wanted_is_handed_over_as_such(root: Path) -> None:
    (root / FOLDER / "empty").mkdir()
    write(root, "unwanted/README.md")
    files, _ = read_folder(root, FOLDER, wanted=lambda path: not path.endswith(".md"))
    assert [(file.path, file.content) for file in files] == [("empty/", b""), ("unwanted/", b"")]


def test_what_is_not_wanted_is_neither_opened_nor_entered(root: Path) -> None:
    write(root, ".git/a.sql")
    os.mkfifo(root / FOLDER / "pipe")
    assert read_folder(root, FOLDER, wanted=lambda path: path.endswith(".sql")) == ((), ())


def symbolic(root: Path) -> None:
    (root / FOLDER / "bad.sql").symlink_to(root.parent / "secret.sql")


def symbolic_inside(root: Path) -> None:
    write(root, "../other/good.sql")
    (root / FOLDER / "bad.sql").symlink_to(root / "other" / "good.sql")


def symbolic_folder(root: Path) -> None:
    (root / FOLDER / "bad.sql").symlink_to(root.parent)


def fifo(root: Path) -> None:
    os.mkfifo(root / FOLDER / "bad.sql")


def too_large(root: Path) -> None:
    write(root, "bad.sql", "x" * 101)


def sparse(root: Path) -> None:
    with (root / FOLDER / "bad.sql").open("wb") as file:
        file.truncate(1 << 30)


def foreign(root: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can own somebody else's file")
    os.chown(root.parent / "secret.sql", 12345, -1)
    (root / FOLDER / "bad.sql").hardlink_to(root.parent / "secret.sql")


def unnamed(root: Path) -> None:
    (Path(os.fsdecode(os.fsencode(root / FOLDER) + b"/bad\xff.sql"))).write_text("")


@pytest.mark.parametrize(
    "prepare", [symbolic, symbolic_inside, symbolic_folder, fifo, too_large, sparse, foreign, unnamed]
)
def test_what_is_no_ordinary_file_of_the_project_is_refused_by_name(root: Path, prepare: object) -> None:
    assert callable(prepare)
    prepare(root)
    files, findings = read_folder(root, FOLDER, wanted=everything, limit=100)
    assert rules(findings) == [("file", "error")]
    assert "bad" in findings[0].message
    assert files == ()


def test_a_file_at_the_limit_is_read(root: Path) -> None:
    write(root, "a.sql", "x" * 100)
    assert len(read_folder(root, FOLDER, wanted=everything, limit=100)[0][0].content) == 100


def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    if not os.geteuid():
        pytest.skip("root can read everything")
    write(root, "bad.sql").chmod(0)
    assert rules(read_folder(root, FOLDER, wanted=everything)[1]) == [("file", "error")]


def test_too_many_files_stop_the_reading(root: Path) -> None:
    for number in range(4):
        write(root, f"{number}.sql")
    assert len(read_folder(root, FOLDER, wanted=everything, max_files=4)[0]) == 4
    with pytest.raises(ConfigurationError, match="more than 3 files"):
        read_folder(root, FOLDER, wanted=everything, max_files=3)


def test_too_many_unwanted_entries_stop_it_too(root: Path) -> None:
    for number in range(11):
        write(root, f"{number}.md")
    with pytest.raises(ConfigurationError, match="more than 1 files"):
        read_folder(root, FOLDER, wanted=lambda path: path.endswith(".sql"), max_files=1)


def test_folders_nested_without_end_are_refused(root: Path) -> None:
    (root / FOLDER / "/".join("d" * 40)).mkdir(parents=True)
    assert rules(read_folder(root, FOLDER, wanted=everything)[1]) == [("file", "error")]


@pytest.mark.parametrize("path", [Path("..") / "x", FOLDER / ".." / ".." / "x", Path("/etc")])
def test_a_folder_outside_of_the_project_is_refused(root: Path, path: Path) -> None:
    with pytest.raises(ConfigurationError, match="outside of the project"):
        read_folder(root, path, wanted=everything)


def test_a_folder_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere cannot be read"):
        read_folder(root, Path("nowhere"), wanted=everything)


def test_a_link_on_the_way_to_the_folder_is_refused(root: Path) -> None:
    (root / "link").symlink_to(root.parent)
    with pytest.raises(ConfigurationError) as caught:
        read_folder(root, Path("link") / "project", wanted=everything)
    assert "is a link" in (caught.value.why or "")


@pytest.mark.parametrize(
    ("format_name", "path", "count"),
    [
        ("flyway", "a/V1__x.sql", 1),
        ("prisma", "20240101000000_x/migration.sql", 1),
        ("golang-migrate", "1_x.up.sql", 1),
    ],
)
def test_a_release_is_read_with_what_its_format_wants(
    root: Path, format_name: str, path: str, count: int
) -> None:
    write(root, path)
    write(root, "README.md")
    reading = read_release(FORMATS[format_name], root, FOLDER, {})
    assert (len(reading.release.migrations), reading.findings) == (count, ())


def test_what_the_folder_and_the_format_found_is_told_together(root: Path) -> None:
    (root / FOLDER / "V1__x.sql").symlink_to(root.parent / "secret.sql")
    write(root, "V2_x.sql")
    assert rules(read_release(FORMATS["flyway"], root, FOLDER, {}).findings) == [
        ("file", "error"),
        ("file-name", "error"),
    ]


def test_an_empty_prisma_folder_reaches_the_format(root: Path) -> None:
    (root / FOLDER / "20240101000000_x").mkdir()
    assert rules(read_release(FORMATS["prisma"], root, FOLDER, {}).findings) == [("no-script", "error")]
