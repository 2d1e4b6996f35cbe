import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from pipeline.backups.manifest import Manifest, Rows
from pipeline.backups.store import DRAFT, MANIFEST, Backup, Draft, Store, verify
from pipeline.errors import Failed, Refused

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTENT = bytes(range(256)) * 8


def write(store: Store, name: str, *, age: timedelta = timedelta(0), database: str = "shop") -> Backup:
    with store.draft(name) as draft:
        draft.write(CONTENT[:100])
        draft.write(CONTENT[100:] + name.encode())
        manifest = Manifest(
            schema_version=1,
            name=name,
            database=database,
            system_identifier="1",
            server_version="18.6",
            pg_dump="18.6",
            taken_at=NOW - age,
            file="database.dump",
            bytes=draft.size,
            sha256=draft.digest,
            fingerprint="sha256:0",
            tables={"public.a": Rows(count=1, digest="1")},
            roles=(),
        )
        draft.finish(manifest)
    return store.read(store.folder / name)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "backups")
    made.prepare()
    return made


def names(store: Store) -> list[str]:
    return sorted(entry.name for entry in store.folder.iterdir())


def test_a_backup_is_whole_and_for_our_eyes_only(store: Store) -> None:
    backup = write(store, "a")
    verify(backup)
    assert backup.file.read_bytes() == CONTENT + b"a"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (store.folder, backup.folder, backup.file)]
    assert modes == [0o700, 0o700, 0o600]
    assert stat.S_IMODE((backup.folder / MANIFEST).stat().st_mode) == 0o600


@pytest.mark.parametrize("position", range(0, len(CONTENT), 37))
def test_one_changed_byte_is_noticed(store: Store, position: int) -> None:
    backup = write(store, "a")
    content = bytearray(backup.file.read_bytes())
    content[position] ^= 1
    backup.file.write_bytes(content)
    with pytest.raises(Refused, match="not what was written"):
        verify(backup)


@pytest.mark.parametrize("length", range(0, len(CONTENT), 111))
def test_a_dump_that_was_cut_off_is_noticed(store: Store, length: int) -> None:
    backup = write(store, "a")
    backup.file.write_bytes(backup.file.read_bytes()[:length])
    with pytest.raises(Refused):
        verify(backup)


def test_a_dump_that_is_gone_is_noticed(store: Store) -> None:
    backup = write(store, "a")
    backup.file.unlink()
    with pytest.raises(Refused):
        verify(backup)


def test_swapped_dumps_and_swapped_folders_are_noticed(store: Store) -> None:
    a, b = write(store, "a"), write(store, "b")
    content = a.file.read_bytes()
    a.file.write_bytes(b.file.read_bytes())
    b.file.write_bytes(content)
    for backup in (a, b):
        with pytest.raises(Refused):
            verify(backup)
    a.folder.rename(store.folder / "c")
    with pytest.raises(Refused, match="holds the backup a"):
        store.list()


def test_what_was_begun_and_failed_leaves_nothing(store: Store) -> None:
    def fail(draft: Draft) -> None:
        draft.write(CONTENT)
        raise Failed("the dump")

    with pytest.raises(Failed, match="the dump"), store.draft("a") as draft:
        fail(draft)
    assert names(store) == []


def test_what_was_not_finished_is_no_backup(store: Store) -> None:
    with store.draft("a") as draft:
        draft.write(CONTENT)
    assert names(store) == []


def test_a_full_disk_is_a_failure_that_says_so(store: Store) -> None:
    with pytest.raises(Failed, match="no room for the backup"), store.draft("a"):
        raise OSError(28, "No space left on device")
    assert names(store) == []


def test_a_disk_that_is_surely_too_small_is_not_even_tried(store: Store) -> None:
    with pytest.raises(Failed, match="no room") as caught:
        store.demand_room(1 << 60)
    assert "MiB are free" in str(caught.value.why)
    store.demand_room(0)


def test_what_a_killed_run_began_is_swept_and_what_a_living_one_writes_is_not(store: Store) -> None:
    (store.folder / f"{DRAFT}dead").mkdir()
    (store.folder / f"{DRAFT}dead" / "database.dump").write_bytes(CONTENT)
    with store.draft("a"):
        store.prepare()
        [living] = names(store)
        assert living.startswith(DRAFT)
        assert living != f"{DRAFT}dead"


def test_one_that_begins_while_another_sweeps_is_not_swept(store: Store) -> None:
    done = Event()

    def sweep() -> None:
        while not done.is_set():
            store.prepare()

    with ThreadPoolExecutor(1) as pool:
        sweeping = pool.submit(sweep)
        try:
            made = [write(store, f"b{number}") for number in range(300)]
        finally:
            done.set()
        sweeping.result(60)
    assert names(store) == sorted(backup.name for backup in made)


@pytest.mark.parametrize("name", ["", ".new-x", "../a", "a/b"])
def test_a_name_that_is_no_file_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(Refused), store.draft(name):
        pass


def test_a_name_is_never_used_twice(store: Store) -> None:
    write(store, "a")
    with pytest.raises(Refused):
        write(store, "a")
    verify(store.read(store.folder / "a"))


def test_backups_are_listed_from_the_oldest_to_the_newest(store: Store) -> None:
    for name, days in (("b", 1), ("a", 2), ("c", 0)):
        write(store, name, age=timedelta(days=days))
    assert [backup.name for backup in store.list()] == ["a", "b", "c"]


def test_pruning_removes_the_old_but_never_the_last_of_a_database(store: Store) -> None:
    for name, days, database in (("a", 30, "shop"), ("b", 20, "shop"), ("c", 1, "shop"), ("d", 90, "other")):
        write(store, name, age=timedelta(days=days), database=database)
    removed = store.prune(timedelta(days=14), NOW)
    assert [backup.name for backup in removed] == ["a", "b"]
    assert names(store) == ["c", "d"]


def test_pruning_touches_only_what_a_manifest_of_ours_names(store: Store) -> None:
    write(store, "a", age=timedelta(days=30))
    write(store, "b")
    (store.folder / "a" / "notes.txt").touch()
    (store.folder / "precious").mkdir()
    (store.folder / "file").touch()
    store.prune(timedelta(days=14), NOW)
    assert names(store) == ["a", "b", "file", "precious"]
    assert [entry.name for entry in (store.folder / "a").iterdir()] == ["notes.txt"]


def test_a_manifest_that_names_a_file_elsewhere_is_refused(store: Store) -> None:
    backup = write(store, "a")
    evil = replace(backup.manifest, file="../precious")
    with store.draft("b") as draft:
        draft.finish(replace(evil, name="b"))
    (store.folder / "precious").touch()
    with pytest.raises(Refused):
        store.prune(timedelta(0), NOW + timedelta(days=1))
    assert (store.folder / "precious").exists()
