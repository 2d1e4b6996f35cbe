"""Which files Flyway is handed, and where: as its locations know them, and nothing beside them."""

from datetime import timedelta
from pathlib import Path

from pipeline.formats.model import SourceFile
from pipeline.programs.flyway import call
from pipeline.programs.job import Job
from pipeline.programs.place import Place

PLACE = Place(host="db", port="5432", database="shop", user="migrator", password=None)


def handed_over(folder: Path, names: list[str], **options: object) -> set[str]:
    """The files below the private folder, for files of the project's folder sql."""
    files = [SourceFile(name, f"sql/{name}", b"select 1") for name in names]
    call(Job(files, PLACE, ["public"], ("public", "x"), {}, timedelta(seconds=1), options), folder)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_each_location_is_a_folder_of_its_own(tmp_path: Path) -> None:
    assert handed_over(tmp_path, ["V1__a.sql", "sub/V2__b.sql"]) == {
        "migrations-1/V1__a.sql",
        "migrations-1/sub/V2__b.sql",
    }


def test_of_what_lies_beside_the_folders_that_wildcards_mean_nothing_is_handed_over(tmp_path: Path) -> None:
    names = ["a/V1__a.sql", "b/sub/V2__b.sql", "V9__not.sql"]
    assert handed_over(tmp_path, names, locations=["filesystem:sql/*"]) == {
        "migrations-1/V1__a.sql",
        "migrations-2/sub/V2__b.sql",
    }
