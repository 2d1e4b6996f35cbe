"""The same migrations in another layout: which version, which files, what is said and what refuses."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats import FORMATS
from pipeline.formats.conversion.convert import Converted, convert
from pipeline.formats.conversion.note import note, parse
from pipeline.formats.model import Kind, Migration, Reading, Release, SourceFile
from tests.unit.formats.build import names, rules, sources

DIRECTIONS = [(one, other) for one in FORMATS for other in FORMATS if one != other]
TEXTS = (
    "create table t (id int);\n",
    "select 1;\r\nselect 2;\r\n",
    '-- pipeline: irreversible reason="it is gone"\ndrop table t;\n',
    "create index concurrently i on t (id);\n",
    "reindex index concurrently i;\n",
    "do $body$ begin perform ';'; end $body$;\n",
    "select '${not_a_placeholder}', '${';\n",
    "copy t from stdin;\n1\n\\.\n",
    "this is not SQL",
    "",
)


def reading(format_name: str, files: Mapping[str, str | bytes], **options: object) -> Reading:
    return FORMATS[format_name].read(sources(files), options)


def converted(source: str, to: str, files: Mapping[str, str | bytes], **options: object) -> Converted:
    return convert(reading(source, files, **options), FORMATS[to])


def labels(source: str, to: str, *paths: str) -> list[str | None]:
    made = convert(FORMATS[source].read(names(*paths), {}), FORMATS[to])
    assert not [finding for finding in made.findings if finding.refuses]
    return [one.label for one in made.moved]


def read_back(made: Converted, to: str) -> Release:
    files = [SourceFile(path, path, content) for path, content in sorted(made.files.items())]
    return FORMATS[to].read(files, made.options).release


def said(made: Converted) -> list[tuple[str, str]]:
    return [(finding.severity.value, finding.message) for finding in made.findings]


def content(migration: Migration) -> tuple[str, str | None, str | None]:
    return migration.up.sql, migration.down.sql if migration.down else None, migration.irreversible


VERSIONS: list[tuple[str, str, list[str], list[str]]] = [
    ("flyway", "golang-migrate", ["V1__a.sql", "V02__b.sql", "V10__c.sql"], ["1", "2", "10"]),
    ("flyway", "golang-migrate", ["V1__a.sql", "V1.1__b.sql", "V2__c.sql"], ["1", "2", "3"]),
    ("flyway", "golang-migrate", ["V20240131093000__a.sql"], ["20240131093000"]),
    ("flyway", "golang-migrate", ["V-1__a.sql", "V5__b.sql"], ["1", "2"]),
    ("flyway", "golang-migrate", ["V99999999999999999999999999__a.sql"], ["1"]),
    ("flyway", "golang-migrate", ["R__x.sql", "R__y.sql"], ["1", "2"]),
    ("flyway", "prisma", ["V1__a.sql", "V61__b.sql"], ["20000101000001_a", "20000101000101_b"]),
    ("flyway", "prisma", ["V20240131__a.sql", "R__v.sql"], ["20240131000000_a", "20240201000000_v"]),
    ("flyway", "prisma", ["V3__a.sql", "V202401310930__b.sql"], ["20000101000003_a", "20240131093000_b"]),
    ("flyway", "prisma", ["V1700000000.sql"], ["20231114221320"]),
    ("flyway", "prisma", ["V55555555__a.sql", "V66666666__b.sql"], ["20000101000001_a", "20000101000002_b"]),
    ("golang-migrate", "flyway", ["0_zero.up.sql", "007_x.y.up.sql"], ["0", "7"]),
    ("golang-migrate", "flyway", ["9223372036854775807_last.up.sql"], ["1"]),
    ("prisma", "flyway", ["0_init/migration.sql", "20240131093000_b/migration.sql"], ["0", "20240131093000"]),
    ("prisma", "flyway", ["init/migration.sql", "more/migration.sql"], ["1", "2"]),
    (
        "prisma",
        "golang-migrate",
        ["20240131093059_a/migration.sql", "20240131093059_b/migration.sql"],
        ["20240131093059", "20240131093100"],
    ),
]


@pytest.mark.parametrize(("source", "to", "paths", "expected"), VERSIONS)
def test_versions_are_kept_where_there_is_room_for_them(
    source: str, to: str, paths: list[str], expected: list[str]
) -> None:
    assert labels(source, to, *paths) == expected


def test_names_are_kept_as_far_as_a_file_name_can_hold_them() -> None:
    made = converted(
        "golang-migrate", "flyway", {f"1_add  the+{'é' * 100}.up.sql": "select 1", "2_.up.sql": ""}
    )
    first, second = sorted(made.files)
    assert first.startswith("V1__add_the_éé")
    assert len(first.encode()) < 200
    assert second == "V2.sql"


def test_a_way_back_goes_over_and_prisma_gets_its_provider_file() -> None:
    made = converted("flyway", "prisma", {"V1__a.sql": "create table a ();", "U1__a.sql": "drop table a;"})
    assert sorted(made.files) == [
        "20000101000001_a/down.sql",
        "20000101000001_a/migration.sql",
        "migration_lock.toml",
    ]


def test_a_repeatable_becomes_the_last_migration_and_that_is_said() -> None:
    made = converted("flyway", "golang-migrate", {"R__v.sql": "select 1", "V3__a.sql": "select 2"})
    assert [one.label for one in made.moved] == ["3", "4"]
    assert said(made) == [("note", "v becomes a migration that runs once, behind all others")]


def test_a_baseline_migration_begins_the_chain_unless_it_is_a_shortcut() -> None:
    assert labels("flyway", "golang-migrate", "B2__b.sql", "B1__a.sql", "V3__c.sql", "B3__d.sql") == [
        None,
        "2",
        "3",
        None,
    ]
    shortcut = converted("flyway", "golang-migrate", {"V1__a.sql": "select 1", "B2__b.sql": "select 2"})
    assert said(shortcut) == [("note", "B2 is left out: it is a shortcut past migrations that are all here")]


def test_replaced_placeholders_are_written_as_they_ran_and_that_is_said() -> None:
    files = {"V1__a.sql": "\ufeffcreate table ${name} ();"}
    made = converted("flyway", "golang-migrate", files, placeholders={"name": "people"})
    assert made.files == {"000001_a.up.sql": b"create table people ();"}
    assert rules(made.findings) == [("convert", "note")]
    assert "placeholders replaced" in made.findings[0].message


@pytest.mark.parametrize("callback", ["beforeMigrate.sql", "afterEachMigrate.sql", "beforeClean__x.sql"])
def test_a_callback_is_refused_by_name(callback: str) -> None:
    made = converted("flyway", "prisma", {"V1__a.sql": "select 1", callback: "select 2"})
    refusing = [finding for finding in made.findings if finding.refuses]
    assert [str(finding.location) for finding in refusing] == [f"migrations/{callback}"]


def test_flyway_is_told_to_replace_nothing_and_to_leave_transactions_alone() -> None:
    files = {
        "1_a.up.sql": "select '${x}'",
        "2_b.up.sql": "reindex index concurrently i",
        "3_c.up.sql": "create index concurrently i on t (id)",
    }
    made = converted("golang-migrate", "flyway", files)
    settings_files = {path: text for path, text in made.files.items() if path.endswith(".conf")}
    assert settings_files == {
        "V1__a.sql.conf": b"placeholderReplacement=false\n",
        "V2__b.sql.conf": b"executeInTransaction=false\n",
    }


def test_multi_statement_is_a_setting_of_each_script_for_flyway_and_back() -> None:
    files = {"1_a.up.sql": "select 1; select 2", "1_a.down.sql": "select 3", "2_b.up.sql": "vacuum"}
    made = converted("golang-migrate", "flyway", files, **{"x-multi-statement": True})
    assert made.files["V1__a.sql.conf"] == b"executeInTransaction=false\n"
    assert [path for path in made.files if path.endswith(".conf")] == ["V1__a.sql.conf"]
    there = FORMATS["flyway"].read([SourceFile(p, p, text) for p, text in made.files.items()], {})
    assert convert(there, FORMATS["golang-migrate"]).options == {"x-multi-statement": True}


@pytest.mark.parametrize("to", ["prisma", "golang-migrate"])
def test_a_setting_that_the_other_tool_has_not_is_said_by_name(to: str) -> None:
    files = {"V1__a.sql": "select 1; select 2", "V1__a.sql.conf": "executeInTransaction=false"}
    made = converted("flyway", to, {**files, "V2__b.sql": "select 1; select 3"})
    assert [(finding.severity.value, str(finding.location)) for finding in made.findings] == [
        ("warning", "migrations/V1__a.sql")
    ]
    assert not made.options


def test_copied_data_is_said_where_the_other_tool_cannot_copy() -> None:
    made = converted("flyway", "golang-migrate", {"V1__a.sql": "copy t from stdin;\n1\n\\.\n"})
    assert "copies data from the script" in made.findings[0].message


def test_what_flyway_would_read_otherwise_is_refused() -> None:
    made = converted("golang-migrate", "flyway", {"1_a.up.sql": "select '\ufeff'"})
    assert [finding.message for finding in made.findings if finding.refuses] == [
        "flyway would read another text from the same bytes"
    ]


def test_nothing_becomes_nothing() -> None:
    made = converted("flyway", "prisma", {})
    assert (made.moved, made.files, made.findings) == ((), {}, ())


def _versions() -> st.SearchStrategy[list[str]]:
    number = st.one_of(
        st.integers(0, 99), st.integers(20240101000000, 20240101000059), st.integers(0, 2**63 - 1)
    )
    return st.lists(number.map(str), min_size=1, max_size=6, unique_by=int)


@st.composite
def _releases(draw: st.DrawFn, source: str) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {}
    for version in draw(_versions()):
        name = draw(st.text("ab_- .+é", max_size=6))
        up, down = _paths(source, version, name)
        files[up] = draw(st.sampled_from(TEXTS))
        if draw(st.booleans()):
            files[down] = draw(st.sampled_from(TEXTS))
    if source == "flyway":
        for name in draw(st.sets(st.sampled_from(["one", "two"]))):
            files[f"R__{name}.sql"] = draw(st.sampled_from(TEXTS))
    return files


def _paths(source: str, version: str, name: str) -> tuple[str, str]:
    if source == "golang-migrate":
        return f"{version}_{name}.up.sql", f"{version}_{name}.down.sql"
    if source == "prisma":
        return f"{version}_{name}/migration.sql", f"{version}_{name}/down.sql"
    dotted = version if len(version) < 3 else f"{version[:2]}.{version[2:]}"
    return f"V{dotted}__{name}.sql", f"U{dotted}__{name}.sql"


@pytest.mark.parametrize(("source", "to"), DIRECTIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_reads_as_the_same_migrations_in_the_same_order(
    source: str, to: str, data: st.DataObject
) -> None:
    files = data.draw(_releases(source))
    own = {"placeholderReplacement": False} if source == "flyway" else {}
    before = reading(source, files, **own)
    if any(finding.rule == "duplicate" for finding in before.findings):
        return  # 2.0 and 2: no release
    made = convert(before, FORMATS[to])
    after = read_back(made, to)
    assert [content(one) for one in after.migrations] == [content(one) for one in before.release.migrations]
    assert [one.label for one in after.migrations] == [one.label for one in made.moved]
    assert {one.kind for one in after.migrations} <= {Kind.VERSIONED}
    assert all(one.script in {m.old.script for m in made.moved} for one in before.release.migrations)


@pytest.mark.parametrize(("source", "to"), DIRECTIONS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_note_gives_the_old_release_back(source: str, to: str, data: st.DataObject) -> None:
    own = {"placeholderReplacement": False} if source == "flyway" else {}
    before = reading(source, data.draw(_releases(source)), **own).release
    made = convert(Reading(before), FORMATS[to])
    found = parse(note(before, ("app", "ledger"), made.moved))
    assert found is not None
    assert (found.format, found.table) == (source, ("app", "ledger"))
    assert found.ledger.table == ("app", "ledger")
    again = found.predecessor(read_back(made, to))
    told = [(one.kind, one.version, one.name, one.script, one.checksum, one.type) for one in again.migrations]
    assert told == [
        (one.kind, one.version, one.name, one.script, one.checksum, one.type) for one in before.migrations
    ]
    assert [one.up.file.content for one in again.migrations] == [
        one.up.sql.encode() for one in before.migrations
    ]


@pytest.mark.parametrize(
    "broken", [b"", b"{}", b"[]", b'{"version": 2}', b"\xff", b'{"version": 1, "ledger": 3}']
)
def test_a_note_of_somebody_else_is_no_note(broken: bytes) -> None:
    assert parse(broken) is None
