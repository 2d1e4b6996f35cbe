"""Everything that may be said against a file, each at its place."""

from pathlib import Path

import pytest

from pipeline.config.problems import InvalidConfiguration
from tests.unit.config.samples import SMALL, problems, prod, project, with_environment


def is_told(text: str, place: str, message: str) -> bool:
    """Whether exactly one problem stands at that place of the file and begins with that message."""
    return [told.startswith(f"environments.yaml:{place}: {message}") for told in problems(text)].count(
        True
    ) == 1


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (SMALL, "5", "1:1", "the file must be a mapping; it begins with `version: 1`"),
        ("version: 1\n", "", "1:1", "version: is required"),
        ("version: 1", "version: 2", "1:10", "version: this tool reads version 1 of the file"),
        ("version: 1", "version: true", "1:10", "version: this tool reads version 1 of the file"),
        ("shop", "'../x'", "2:10", "project: must be a short name"),
        ("shop", "5", "2:10", "project: must be text"),
        (
            '  prod:\n    database: {url: "${PROD_DATABASE_URL}"}',
            "  {}",
            "5:3",
            "environments: must not be empty",
        ),
        ("prod:", "pröd:", "5:3", "environments.pröd: must be a short name"),
    ],
)
def test_the_head_of_the_file_is_judged(old: str, new: str, place: str, message: str) -> None:
    assert is_told(SMALL.replace(old, new), place, message)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (
            "flyway",
            "flywya",
            "3:22",
            "format: `flywya` is not one of flyway, prisma, golang-migrate; did you mean",
        ),
        (", path: migrations", "", "3:1", "path: is required"),
        ("path: migrations", "path: 5", "3:36", "path: must be a path"),
        ("path: migrations", "path: ../x", "3:36", "path: leads out of the project"),
        ("path: migrations", "path: /x", "3:36", "path: must be relative"),
        ("path: migrations", "path: '${X}'", "3:36", "path: must be a local path"),
        ("migrations}", "migrations, schemas: []}", "3:57", "schemas: must not be empty"),
        ("migrations}", "migrations, schemas: x}", "3:57", "schemas: must be a list; write it as [one, two]"),
        ("migrations}", "migrations, schemas: [a, a]}", "3:57", "schemas: names something twice"),
        ("migrations}", "migrations, schemas: [pg_x]}", "3:58", "schemas[0]: `pg_x` cannot be managed"),
        ("migrations}", "migrations, schemas: [pipeline]}", "3:58", "schemas[0]: `pipeline` cannot be managed"),
    ],
)
def test_the_migrations_are_judged(old: str, new: str, place: str, message: str) -> None:
    assert is_told(SMALL.replace(old, new), place, f"migrations.{message}")


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("protected: 1", 16, "protected: must be true or false"),
        ("protecte: true", 5, "protecte: unknown key; did you mean `protected`?"),
        ("seed: [x]", 5, "seed: unknown key; it belongs under `rehearse:`"),
        ("zzz: 1", 5, "zzz: unknown key; known here: database, protected, requires"),
        ("limits:", 12, "limits: has no value; give it one, or leave the key out"),
        ("limits: 5", 13, "limits: must be a mapping"),
        ("limits: {hold: 5}", 20, "limits.hold: a duration needs a unit; 5 has none; write it like 15min"),
        ("limits: {hold: 30d}", 20, "limits.hold: a limit must be shorter than 24.8 days"),
        ("limits: {hodl: 1s}", 14, "limits.hodl: unknown key; did you mean `hold`?"),
        ("requires: [prod]", 16, "requires[0]: `prod` does not come earlier"),
        ("requires: [stage]", 16, "requires[0]: `stage` is no environment"),
        ("require: [same_strat]", 15, "require[0]: `same_strat` is not one of same_start, same_bytes"),
        ("verify: [{name: a}]", 14, "verify[0].sql: is required"),
        ("verify: [{name: a, command: []}]", 33, "verify[0].command: must not be empty"),
        ("verify: [{name: a, sql: b, expect: [1]}]", 40, "verify[0].expect: must be one value"),
        ("verify: [{name: a, sql: b, expct: 1}]", 32, "verify[0].expct: unknown key; did you mean `expect`?"),
        ("rehearse: {seed: [x.sql]}", 23, "rehearse.seed[0]: there is no such file"),
        ("rehearse: {prepare: [../x]}", 26, "rehearse.prepare[0]: leads out of the project"),
        ("rehearse: {budgets: {min_rows: -1}}", 36, "rehearse.budgets.min_rows: must not be negative"),
        ("rehearse: {budgets: {wal: 5}}", 31, "rehearse.budgets.wal: a size needs a unit; 5 has none"),
    ],
)
def test_an_environment_is_judged(line: str, column: int, message: str) -> None:
    assert is_told(prod(line), f"7:{column}", f"environments.prod.{message}")


@pytest.mark.parametrize(
    ("database", "column", "message"),
    [
        ("{}", 15, ": needs exactly one of embedded, throwaway, url; it has none of them"),
        (
            "{throwaway: auto, embedded: x}",
            15,
            ": needs exactly one of embedded, throwaway, url; it has embedded, thr",
        ),
        ("{url: 5}", 21, ".url: must be text"),
        ("{url: x}", 21, ".url: the database URL does not begin with postgresql://"),
        (
            '{url: "${X}", tls: insecrue}',
            34,
            ".tls: `insecrue` is no way to verify a server; did you mean `insecure`",
        ),
        ("{embedded: x, tls: system}", 29, ".tls: goes only with `url`"),
        ("{embedded: .}", 26, ".embedded: the project would lie in the folder of this database"),
        ("{embedded: migrations}", 26, ".embedded: the migrations would lie in the folder of this database"),
        ("{embedded: .pipeline}", 26, ".embedded: the state would lie in the folder of this database"),
        ("{embedded: backups}", 26, ".embedded: the backups would lie in the folder of this database"),
    ],
)
def test_a_database_is_judged(database: str, column: int, message: str) -> None:
    text = SMALL.replace('{url: "${PROD_DATABASE_URL}"}', database)
    assert is_told(text, f"6:{column}", f"environments.prod.database{message}")


@pytest.mark.parametrize("key", ["identity", "backup", "drift", "failure"])
def test_a_throwaway_takes_no_key_that_needs_a_lasting_database(key: str) -> None:
    text = with_environment(f"    database: {{throwaway: auto}}\n    {key}: {{}}")
    assert is_told(text, "7:5", f"environments.new.{key}: has no effect on a throwaway database")


def test_a_throwaway_is_never_protected() -> None:
    text = with_environment("    database: {throwaway: auto}\n    protected: true")
    assert is_told(text, "7:16", "environments.new.protected: a throwaway database lives for one run")


def test_two_environments_never_differ_by_case_alone() -> None:
    text = with_environment("    database: {embedded: x}").replace("new", "PROD")
    assert is_told(text, "7:3", "environments.prod: differs from another environment only by case")


def test_two_environments_never_share_a_database() -> None:
    same_url = with_environment('    database: {url: "${PROD_DATABASE_URL}"}')
    assert "this is the database of `new` too" in problems(same_url)[0]
    for folder in ("./x", "x/y", "x/"):
        text = (
            with_environment("    database: {embedded: x}")
            + f"  again:\n    database: {{embedded: {folder}}}\n"
        )
        assert "this is the database of `new` too" in problems(text)[0]


def test_two_checks_never_share_a_name() -> None:
    text = prod("verify: [{name: a, command: [b]}, {name: a, command: [c]}]")
    assert "another check has this name" in problems(text)[0]


def test_a_symlink_does_not_lead_out_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "migrations").symlink_to(tmp_path)
    assert "leads out of the project" in problems(SMALL, tmp_path / "project")[0]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (SMALL.replace("project: shop", "project: shop\nstate: s3://bucket/x"), "state"),
        (
            SMALL.replace('url: "${PROD_DATABASE_URL}"', "throwaway: server"),
            "environments.prod.database.throwaway",
        ),
        (SMALL.replace('_URL}"', '_URL}", read: "${R}"'), "environments.prod.database.read"),
        (SMALL.replace('_URL}"', '_URL}", tls: rds'), "environments.prod.database.tls"),
        (prod("rehearse: {from: clone}"), "environments.prod.rehearse.from"),
        (prod("rehearse: {from: schema}"), "environments.prod.rehearse.from"),
        (prod("rehearse: {from: seed}"), "environments.prod.rehearse.from"),
        (prod("rehearse: {keep: on_failure}"), "environments.prod.rehearse.keep"),
        (prod("rehearse: {compatibility: {queries: q/*.sql}}"), "environments.prod.rehearse.compatibility"),
        (prod("rehearse: {compatibility: {unknown: [1]}}"), "environments.prod.rehearse.compatibility"),
        (prod("backup: {method: pgbackrest}"), "environments.prod.backup.method"),
        (prod("backup: {store: s3://bucket}"), "environments.prod.backup.store"),
        (prod("backup: {drill: 7d}"), "environments.prod.backup.drill"),
        (prod("failure: {policy: rollback}"), "environments.prod.failure.policy"),
    ],
)
def test_what_is_not_built_yet_is_refused_by_name(text: str, key: str) -> None:
    (told,) = problems(text)
    assert f": {key}: not built yet; " in told


RULE = '{object: "table partman.*", reason: made by a job, owner: data team, expires: "2027-01-31"}'


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((" reason: made by a job,", ""), "ignore[0].reason: is required"),
        ((" owner: data team,", ""), "ignore[0].owner: is required"),
        ((', expires: "2027-01-31"', ""), "ignore[0].expires: is required"),
        (('"2027-01-31"', '"soon"'), "ignore[0].expires: must be a day"),
        (('"2027-01-31"', '"2027-02-31"'), "ignore[0].expires: must be a day"),
        (('"2027-01-31"', "2027-01-31"), "`2027-01-31` without quotes is a date"),
        (("table partman.*", "partman.*"), "ignore[0].object: must be a kind and a name"),
    ],
)
def test_a_rule_that_hides_objects_says_why_who_and_until_when(change: tuple[str, str], told: str) -> None:
    assert any(told in problem for problem in problems(prod(f"drift: {{ignore: [{RULE.replace(*change)}]}}")))


def test_all_problems_are_told_at_once_in_order() -> None:
    text = prod("protectd: yes\nlimits: {hold: 5, online: 012}\nlimits: {}").replace("shop", "''")
    told = problems(text)
    assert [problem.split(":")[1] for problem in told] == ["2", "7", "7", "8", "8", "9"]


def test_the_error_is_readable_as_it_is() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        project(prod("protectd: true\nlimits: {hold: 5}"))
    assert caught.value.what == "environments.yaml has 2 problems"
    assert caught.value.why == caught.value.text
    with pytest.raises(InvalidConfiguration) as caught:
        project(prod("protectd: true"))
    assert caught.value.what == "environments.prod.protectd: unknown key"
    assert (caught.value.where, caught.value.todo) == ("environments.yaml:7:5", "did you mean `protected`?")


def test_many_problems_are_counted_after_the_first_fifty() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        project(SMALL + "".join(f"unknown{number}: 1\n" for number in range(60)))
    assert caught.value.text.splitlines()[-1] == "… and 10 more"
