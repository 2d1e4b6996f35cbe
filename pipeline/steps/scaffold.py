"""A new project as text: a small environments.yaml and a first migration with its way back, in any layout."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from types import MappingProxyType
from typing import Final

from pipeline.config.fields import NAME_PATTERN
from pipeline.errors import ConfigurationError
from pipeline.formats.conversion.layouts import PROVIDER
from pipeline.shapes.words import did_you_mean, listed, shown

IGNORED: Final = (".pipeline/", "backups/", "evidence/")

_UP: Final = """\
CREATE TABLE accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);
"""
_DOWN: Final = """\
DROP TABLE accounts;
"""
_ENVIRONMENTS: Final = Template("""\
# How the schema changes of $project reach production. All keys, for the completion of an editor:
#   pipeline config schema > environments.schema.json
# yaml-language-server: $$schema=./environments.schema.json
version: 1
project: $project

migrations:
  format: $format
  path: $path
  schemas: [public]               # what the migrations manage; everything else is left alone

environments:                     # in the order of promotion
  dev:
    database: {embedded: .pipeline/dev}     # a PostgreSQL that is kept for you in this folder

  staging:
    database: {throwaway: auto}   # made from prod's backup, for one rehearsal

  prod:
    protected: true               # nothing is applied here without evidence
    requires: [staging]
    database: {embedded: .pipeline/prod}
    # A server of your own, its URL or its password from the environment, never in this file:
    # database: {url: "$${PROD_DATABASE_URL}"}
    # database: {url: "postgresql://migrator:$${PROD_PASSWORD}@db.example.com/$project"}
""")


@dataclass(frozen=True)
class _Layout:
    """Where a format keeps its migrations, and the files of a first one."""

    path: str
    files: Callable[[datetime], Mapping[str, str]]


def _flyway(_: datetime) -> Mapping[str, str]:
    return {"V1__create_accounts.sql": _UP, "U1__create_accounts.sql": _DOWN}


def _prisma(today: datetime) -> Mapping[str, str]:
    folder = f"{today.astimezone(UTC):%Y%m%d%H%M%S}_init"
    return {
        "migration_lock.toml": PROVIDER,
        f"{folder}/migration.sql": _UP,
        f"{folder}/down.sql": _DOWN,
    }


def _golang_migrate(_: datetime) -> Mapping[str, str]:
    return {"000001_create_accounts.up.sql": _UP, "000001_create_accounts.down.sql": _DOWN}


_LAYOUTS: Final[Mapping[str, _Layout]] = MappingProxyType(
    {
        "flyway": _Layout("migrations", _flyway),
        "prisma": _Layout("prisma/migrations", _prisma),
        "golang-migrate": _Layout("migrations", _golang_migrate),
    }
)


def scaffold(format: str, project: str, today: datetime) -> Mapping[str, str]:  # noqa: A002 - the file's word
    """The files of a new project: relative path to text; ``.gitignore`` holds the lines to add to one.

    ``today`` (with its time zone) names a Prisma migration. Raises ConfigurationError for an unknown format
    or a name that environments.yaml would not take.
    """
    layout = _LAYOUTS.get(format)
    if layout is None:
        known = list(_LAYOUTS)
        todo = did_you_mean(format, known) or f"use one of {listed(known)}"
        raise ConfigurationError(f"`{shown(format)}` is no format", todo=todo)
    if not re.fullmatch(NAME_PATTERN, project, re.ASCII):
        todo = "use a letter, then letters, digits, - and _"
        raise ConfigurationError(f"`{shown(project)}` is not a name for a project", todo=todo)
    environments = _ENVIRONMENTS.substitute(project=project, format=format, path=layout.path)
    migrations = {f"{layout.path}/{name}": text for name, text in layout.files(today).items()}
    return {
        "environments.yaml": environments,
        **migrations,
        ".gitignore": "".join(f"{line}\n" for line in IGNORED),
    }
