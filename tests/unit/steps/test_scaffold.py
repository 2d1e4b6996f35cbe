"""A new project is one that the loader takes, in every layout."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline.config import load
from pipeline.config.project import EmbeddedDatabase, LiveDatabase, Project, ThrowawayDatabase
from pipeline.errors import ConfigurationError
from pipeline.steps.scaffold import scaffold

FORMATS = ("flyway", "prisma", "golang-migrate")
TODAY = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(-timedelta(hours=2)))


def loaded(text: str) -> Project:
    return load.read(text.encode(), Path("/project/environments.yaml"))


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_written_file_loads(format_name: str) -> None:
    files = scaffold(format_name, "shop", TODAY)
    found = loaded(files["environments.yaml"])
    assert (found.project, found.migrations.format) == ("shop", format_name)
    kinds = [type(environment.database) for environment in found.environments.values()]
    assert kinds == [EmbeddedDatabase, ThrowawayDatabase, EmbeddedDatabase]
    assert found.environment("prod").protected
    assert all(name.startswith(f"{found.migrations.shown}/") for name in files if name.endswith(".sql"))


@pytest.mark.parametrize("hint", ['{url: "${PROD_DATABASE_URL}"}', '{url: "postgresql://migrator:'])
def test_the_hint_for_a_server_of_ones_own_loads_too(hint: str) -> None:
    text = scaffold("flyway", "shop", TODAY)["environments.yaml"]
    lines = [line for line in text.splitlines() if line.strip() != "database: {embedded: .pipeline/prod}"]
    uncommented = [line.replace("# ", "", 1) if f"database: {hint}" in line else line for line in lines]
    assert isinstance(loaded("\n".join(uncommented)).environment("prod").database, LiveDatabase)


@pytest.mark.parametrize(
    ("format_name", "names"),
    [
        ("flyway", {"migrations/V1__create_accounts.sql", "migrations/U1__create_accounts.sql"}),
        (
            "golang-migrate",
            {
                "migrations/000001_create_accounts.up.sql",
                "migrations/000001_create_accounts.down.sql",
            },
        ),
        (
            "prisma",
            {
                "prisma/migrations/migration_lock.toml",
                "prisma/migrations/20260201013000_init/migration.sql",
                "prisma/migrations/20260201013000_init/down.sql",
            },
        ),
    ],
)
def test_a_first_migration_has_its_way_back(format_name: str, names: set[str]) -> None:
    files = scaffold(format_name, "shop", TODAY)
    assert set(files) == names | {"environments.yaml", ".gitignore"}
    ups = [text for name, text in files.items() if name in names and text.startswith("CREATE TABLE accounts")]
    downs = [text for name, text in files.items() if name in names and text == "DROP TABLE accounts;\n"]
    assert (len(ups), len(downs)) == (1, 1)


def test_prisma_reads_its_provider_from_a_line_of_its_own() -> None:
    lock = scaffold("prisma", "shop", TODAY)["prisma/migrations/migration_lock.toml"]
    assert 'provider = "postgresql"' in lock.splitlines()


def test_what_a_run_leaves_behind_is_ignored_by_git() -> None:
    assert scaffold("flyway", "shop", TODAY)[".gitignore"] == ".pipeline/\nbackups/\nevidence/\n"


def test_an_unknown_format_is_asked_about() -> None:
    with pytest.raises(ConfigurationError, match="`flywya` is no format") as caught:
        scaffold("flywya", "shop", datetime.now(UTC))
    assert caught.value.todo == "did you mean `flyway`?"


def test_a_name_that_does_not_load_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not a name"):
        scaffold("flyway", "no: {x", TODAY)
