"""What a good file becomes, and the questions that a project answers."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.config.project import EmbeddedDatabase, Environment, LiveDatabase, Rehearse, ThrowawayDatabase
from pipeline.config.quantities import DurationRange
from pipeline.config.sections import CommandCheck, QueryCheck
from pipeline.errors import ConfigurationError, Refused
from pipeline.findings import ClaimName
from tests.unit.config.samples import SMALL, full, prod, project


def test_a_small_file_has_every_default() -> None:
    found = project(SMALL)
    environment = found.environment("prod")
    assert (found.project, found.state) == ("shop", Path("/project/.pipeline"))
    assert (found.migrations.schemas, found.migrations.out_of_order) == (("public",), "deny")
    assert environment.limits.wait == DurationRange(timedelta(milliseconds=50), timedelta(milliseconds=100))
    assert environment.limits.run == timedelta(hours=2)
    assert (environment.backup.store, environment.backup.keep) == (Path("/project/backups"), timedelta(days=14))
    assert (environment.protected, environment.require, environment.drift.before) == (False, (), "block")
    assert (environment.drift.scope, environment.failure.policy) == ("touched", "halt")
    assert (environment.drift.interval, environment.drift.ignore) == (None, ())


def test_a_full_file_says_everything_itself(tmp_path: Path) -> None:
    found = full(tmp_path)
    assert found.migrations.path == tmp_path / "db/migrations"
    assert found.migrations.options == {"table": "history", "nested": {"list": (1, None)}}
    assert found.environment("staging").rehearse == found.rehearsal_for("prod")
    environment = found.environment("prod")
    assert environment.limits.advisory_lock == timedelta(seconds=6)
    assert environment.require == (ClaimName.SAME_BYTES, ClaimName.SAME_END)
    assert [type(check) for check in environment.verify] == [QueryCheck, CommandCheck]
    assert environment.drift.interval == timedelta(hours=6)
    (rule,) = environment.drift.ignore
    assert (rule.object, rule.owner, rule.expires) == ("table partman.*", "data team", date(2027, 1, 31))
    rehearse = found.rehearsal_for("prod")
    assert (rehearse.source, rehearse.seed) == ("dump", (tmp_path / "sql/mask.sql",))
    assert (rehearse.rollback.prove, rehearse.budgets.wal) == (("schema",), 10_000_000)


def test_each_kind_of_database_is_a_class_of_its_own(tmp_path: Path) -> None:
    dev, staging, live = full(tmp_path).environments.values()
    assert dev.database == EmbeddedDatabase(tmp_path / ".pipeline/dev")
    assert staging.database == ThrowawayDatabase("embedded")
    assert isinstance(live.database, LiveDatabase)
    assert live.database.parameters({"PW": "p@"})["password"] == "p@"


def test_a_database_is_shown_as_people_know_it(tmp_path: Path) -> None:
    shown = [str(environment.database) for environment in full(tmp_path).environments.values()]
    assert shown == [
        f"embedded in {tmp_path}/.pipeline/dev",
        "throwaway (embedded)",
        "postgresql://app:${PW}@db/shop (tls: insecure)",
    ]


def test_a_protected_environment_requires_every_claim() -> None:
    assert project(prod("protected: true")).environment("prod").require == tuple(ClaimName)


def test_a_missing_variable_is_told_with_the_line_that_names_it() -> None:
    database = project(SMALL).environment("prod").database
    assert isinstance(database, LiveDatabase)
    with pytest.raises(ConfigurationError, match="PROD_DATABASE_URL is not set") as caught:
        database.parameters({})
    assert caught.value.where == "environments.yaml:6:21: environments.prod.database.url"


def test_a_server_elsewhere_is_verified_unless_the_file_says_otherwise() -> None:
    database = project(SMALL).environment("prod").database
    assert isinstance(database, LiveDatabase)
    with pytest.raises(Refused, match="sslmode=prefer"):
        database.parameters({"PROD_DATABASE_URL": "postgresql://u@203.0.113.1/x?sslmode=prefer"})


# --- questions that a project answers


ORDERED = """\
version: 1
project: shop
migrations: {format: prisma, path: .}
environments:
  first: {database: {throwaway: docker}, rehearse: {from: dump}}
  early: {database: {embedded: e}}
  second: {database: {throwaway: embedded}}
  late: {database: {embedded: l}}
  own: {database: {embedded: o}, rehearse: {seed: []}}
"""


def test_environments_are_in_the_order_of_promotion() -> None:
    found = project(ORDERED)
    assert list(found.environments) == ["first", "early", "second", "late", "own"]
    assert [environment.name for environment in found.earlier("second")] == ["first", "early"]


def test_a_rehearsal_is_ones_own_or_that_of_the_nearest_throwaway_before() -> None:
    found = project(ORDERED)
    assert found.rehearsal_for("early").source == "dump"
    assert found.rehearsal_for("late") == project(SMALL).rehearsal_for("prod")
    assert found.rehearsal_for("own") is found.environment("own").rehearse
    assert isinstance(found.rehearsal_for("first"), Rehearse)


def test_the_provider_is_that_of_the_nearest_throwaway_before() -> None:
    found = project(ORDERED)
    names = ("first", "early", "second", "late")
    assert [found.throwaway_for(name) for name in names] == ["docker", "docker", "embedded", "embedded"]
    assert project(SMALL).throwaway_for("prod") == "auto"


def test_the_first_environment_that_lasts_is_the_default() -> None:
    assert project(ORDERED).first_live().name == "early"
    only = SMALL.replace('url: "${PROD_DATABASE_URL}"', "throwaway: auto")
    with pytest.raises(ConfigurationError, match="throwaway"):
        project(only).first_live()


def test_an_unknown_environment_is_asked_about() -> None:
    with pytest.raises(ConfigurationError, match="no environment `prdo`") as caught:
        project(SMALL).environment("prdo")
    assert (caught.value.why, caught.value.todo) == ("there are: prod", "did you mean `prod`?")


def test_values_are_frozen() -> None:
    environment = project(SMALL).environment("prod")
    assert isinstance(environment, Environment)
    with pytest.raises(AttributeError, match="cannot assign"):
        environment.limits.hold = timedelta(0)  # pyright: ignore[reportAttributeAccessIssue]
