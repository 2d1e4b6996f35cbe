"""Configuration files for tests, and ways to read them."""

from pathlib import Path

import pytest

from pipeline.config import load
from pipeline.config.problems import InvalidConfiguration
from pipeline.config.project import Project
from pipeline.errors import ExitCode

SMALL = """\
version: 1
project: shop
migrations: {format: flyway, path: migrations}
environments:
  prod:
    database: {url: "${PROD_DATABASE_URL}"}
"""
FULL = """\
version: 1
project: shop
state: .state
migrations:
  format: golang-migrate
  path: db/migrations
  runner: native
  schemas: [public, shop]
  out_of_order: warn
  options: {table: history, nested: {list: [1, null]}}
environments:
  dev:
    database: {embedded: .pipeline/dev}
  staging:
    database: {throwaway: embedded}
    rehearse:
      from: dump
      prepare: [sql/roles.sql]
      seed: [sql/mask.sql]
      keep: never
      rollback: {prove: [schema]}
      budgets: {rewrite: warn, min_rows: 5, wal: 10MB, duration: 1h}
  prod:
    protected: true
    requires: [staging]
    database: {url: "postgresql://app:${PW}@db/shop", tls: insecure}
    identity: {database: shop}
    limits: {wait: 1s, hold: 2s, statement: 3s, online: 4s, connect: 5s, advisory_lock: 6s, run: 7s}
    backup: {method: pg_dump, store: kept/, keep: 3d, drill: every}
    require: [same_bytes, same_end]
    drift:
      before: warn
      scope: all
      interval: 6h
      ignore:
        - {object: "table partman.*", reason: made by a job, owner: data team, expires: "2027-01-31"}
    verify:
      - {name: no orders lost, sql: select 1, expect: not_less}
      - {name: health, command: [./smoke.sh, --fast]}
    failure: {policy: halt}
"""


def project(text: str, root: Path = Path("/project")) -> Project:
    return load.read(text.encode(), root / "environments.yaml")


def full(root: Path) -> Project:
    (root / "sql").mkdir()
    for name in ("roles.sql", "mask.sql"):
        (root / "sql" / name).touch()
    return project(FULL, root)


def problems(text: str, root: Path = Path("/project")) -> list[str]:
    with pytest.raises(InvalidConfiguration) as caught:
        project(text, root)
    assert caught.value.exit_code is ExitCode.USAGE
    return [str(problem) for problem in caught.value.problems]


def with_environment(text: str) -> str:
    """The small file with another environment before prod; its lines begin at 6."""
    return SMALL.replace("  prod:\n", f"  new:\n{text}\n  prod:\n")


def prod(text: str) -> str:
    """The small file with more keys for prod, from line 7 on."""
    return SMALL + "".join(f"    {line}\n" for line in text.splitlines())
