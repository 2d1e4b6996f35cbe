from pathlib import Path

from bench.contest import Stage
from bench.workloads.many import COUNT, laid_out, migration, title, write


def test_the_generated_migrations_are_always_the_same_and_as_described() -> None:
    texts = [migration(number)[1] for number in range(1, COUNT + 1)]
    assert texts == [migration(number)[1] for number in range(1, COUNT + 1)]
    assert sum(text.count("CREATE TABLE") for text in texts) == 400
    assert sum(text.count(";") for text in texts) == 1400


def test_a_table_refers_to_the_table_before_and_never_to_an_altered_number() -> None:
    assert "REFERENCES t4 (id)" in migration(6)[1]
    assert "ALTER TABLE t4 " in migration(5)[1]
    assert "REFERENCES" not in migration(1)[1]


def test_another_layout_holds_the_same_texts(tmp_path: Path) -> None:
    folder = laid_out(
        Stage(tmp_path), "other", lambda number, name: f"{number}_{name}/up.sql", within="-- up\n{}"
    )
    assert len(list(folder.iterdir())) == COUNT
    assert (folder / "5_alter_t4" / "up.sql").read_text() == "-- up\n" + migration(5)[1]
    assert title(6) == "create_t6"


def test_a_project_has_the_files_in_order_of_their_numbers(tmp_path: Path) -> None:
    names = write(tmp_path, 11)
    assert names[-2:] == ["V10__alter_t9.sql", "V11__create_t11.sql"]
    assert {file.name for file in (tmp_path / "migrations").iterdir()} == set(names)
