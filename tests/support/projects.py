"""A small project with a database to promote to: what scenarios start from and how they look at its end."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import cast
from urllib.parse import quote

import psycopg
import yaml
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline.config.load import load
from pipeline.config.project import Project
from pipeline.findings import ClaimName
from pipeline.formats import FORMATS
from pipeline.postgres.connect import connected
from pipeline.postgres.history import read_history
from pipeline.postgres.rows import read_rows
from pipeline.postgres.target import Target
from pipeline.progress import Listener, Silent, StepResult
from pipeline.promotion.request import Request
from pipeline.promotion.run import promote as run_promotion
from pipeline.proof import Evidence
from pipeline.schema.snapshot import take

URL = "PROD_DATABASE_URL"
LEDGER = ("public", "flyway_schema_history")
TRIGGER = """\
CREATE TABLE visits (person bigint NOT NULL REFERENCES people (id), kind kind NOT NULL);
CREATE FUNCTION note_visit() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO public.visits (person, kind) VALUES (new.id, 'regular');
    RETURN NULL;
END;
$body$;
CREATE TRIGGER people_visit AFTER UPDATE OF fax ON people FOR EACH ROW EXECUTE FUNCTION note_visit();
"""
RELEASE: Mapping[str, str] = {
    "V1__create_people.sql": """\
CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, fax text);
INSERT INTO people (email) SELECT 'P' || n || '@Example.org' FROM generate_series(1, 40) AS n;
""",
    "U1__create_people.sql": "DROP TABLE people;\n",
    "V2__add_entered.sql": "ALTER TABLE people ADD COLUMN entered text;\n",
    "U2__add_entered.sql": "ALTER TABLE people DROP COLUMN entered;\n",
    "V3__normalise_emails.sql": "UPDATE people SET entered = email, email = lower(email);\n",
    "U3__normalise_emails.sql": "UPDATE people SET email = entered, entered = NULL;\n",
    "V4__create_kind.sql": "CREATE TYPE kind AS ENUM ('guest', 'regular');\n",
    "U4__create_kind.sql": "DROP TYPE kind;\n",
    "V5__index_emails.sql": "CREATE UNIQUE INDEX CONCURRENTLY people_email_idx ON people (email);\n",
    "U5__index_emails.sql": "DROP INDEX CONCURRENTLY people_email_idx;\n",
    "V6__note_visits.sql": TRIGGER,
    "U6__note_visits.sql": """\
DROP TRIGGER people_visit ON people;
DROP FUNCTION note_visit();
DROP TABLE visits;
""",
    "V7__drop_fax.sql": """\
-- pipeline: irreversible reason="nobody has a fax any more"
DROP TRIGGER people_visit ON people;
ALTER TABLE people DROP COLUMN fax;
""",
    "R__addresses.sql": "CREATE OR REPLACE VIEW addresses AS SELECT id, email FROM people;\n",
}
"""A release with one of each: a table with rows, a data migration, an enum, a CONCURRENTLY, a trigger …"""

OLDER = "2"
"""A version of the release at which its table has rows."""

Moments = Mapping[str, Callable[[], None]]
"""What to do at which boundary of a run: ``started backup``, ``finished gates``, ``murmured apply 2``."""


@dataclass
class At(Silent):
    """A listener that acts at named boundaries and remembers all that it passed."""

    moments: Moments = field(default_factory=dict[str, Callable[[], None]])
    passed: list[str] = field(default_factory=list[str])
    results: list[StepResult] = field(default_factory=list[StepResult])

    def started(self, step: str, title: str) -> None:
        self._reach(f"started {step}")

    def murmured(self, step: str, text: str) -> None:
        before = sum(one.startswith(f"murmured {step} ") for one in self.passed)
        self._reach(f"murmured {step} {before + 1}")

    def finished(self, result: StepResult) -> None:
        self.results.append(result)
        self._reach(f"finished {result.name}")

    def _reach(self, boundary: str) -> None:
        self.passed.append(boundary)
        if boundary in self.moments:
            self.moments[boundary]()


@dataclass
class SmallProject:
    """A project in a folder; ``prod`` is its production database as the role that migrates it."""

    root: Path
    prod: Target
    admin: Target
    environ: dict[str, str]
    shape: dict[str, dict[str, object]]
    format: str = "flyway"
    how: dict[str, object] = field(default_factory=dict[str, object])
    """Further keys of ``migrations``."""

    @classmethod
    def make(cls, root: Path, prod: Target, admin: Target, *, templates: Path) -> "SmallProject":
        """Write the small release into ``root``; ``templates`` are prepared data that projects may share."""
        url = url_of(prod)
        staging: dict[str, object] = {"database": {"throwaway": "embedded"}}
        live: dict[str, object] = {"protected": True, "requires": ["staging"]}
        live["database"] = {"url": f"${{{URL}}}"}
        made = cls(root, prod, admin, {**os.environ, URL: url}, {"staging": staging, "prod": live})
        for name, text in RELEASE.items():
            made.write(name, text)
        made.configure()
        (root / ".pipeline").mkdir()
        (root / ".pipeline" / "templates").symlink_to(templates)
        return made

    @property
    def migrations(self) -> Path:
        return self.root / "migrations"

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    def project(self) -> Project:
        """The project as its file says now."""
        return load(self.root / "environments.yaml", self.environ)

    def write(self, name: str, text: str) -> None:
        """Write a migration file."""
        file = self.migrations / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def release(self, format_name: str, files: Mapping[str, str]) -> None:
        """Have these migrations and no others, in that format."""
        rmtree(self.migrations)
        for name, text in files.items():
            self.write(name, text)
        self.format = format_name
        self.configure()

    def applied_by(self, program: str | Path) -> None:
        """Have the real tool apply the migrations; nobody measures its statements."""
        self.shape["prod"]["require"] = [
            claim.value for claim in ClaimName if claim is not ClaimName.SAFE_ON_THE_ROAD
        ]
        self.how = {"runner": "tool", "program": str(program)}

    def keep(self, *prefixes: str) -> None:
        """Leave only the migrations whose files begin so."""
        for file in self.migrations.iterdir():
            if not file.name.startswith(prefixes):
                file.unlink()

    def configure(self, **changes: Mapping[str, object]) -> None:
        """Write environments.yaml; ``changes`` are keys to add, by environment."""
        for name, keys in changes.items():
            self.shape.setdefault(name, {}).update(keys)
        migrations = {"format": self.format, "path": "migrations", "schemas": ["public"], **self.how}
        whole = {"version": 1, "project": "small", "migrations": migrations, "environments": self.shape}
        text = yaml.safe_dump(whole, sort_keys=False)
        (self.root / "environments.yaml").write_text(text, encoding="utf-8")

    def sql(self, statement: str) -> None:
        """Do something by hand in prod, as the role that migrates it."""
        execute(self.prod, statement)


def url_of(target: Target) -> str:
    """The URL of a test's database, which is reached by a socket."""
    where = target.resolve()
    return f"postgresql://{where['user']}@/{where['dbname']}?host={quote(where['host'])}&port={where['port']}"


def execute(target: Target, statement: str) -> None:
    """Run SQL by hand."""
    with psycopg.connect(make_conninfo("", **target.resolve()), autocommit=True) as connection:
        connection.execute(statement.encode())


def ask(target: Target, query: str) -> object:
    """The first column of the first row."""
    with psycopg.connect(make_conninfo("", **target.resolve()), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def promote(
    small: SmallProject, environment: str = "prod", *, to: str | None = None, listener: Listener | None = None
) -> Evidence:
    """One promotion, in this process."""
    return promote_project(small.project(), small.environ, environment, to=to, listener=listener)


def promote_project(
    project: Project,
    environ: Mapping[str, str],
    environment: str = "prod",
    *,
    to: str | None = None,
    listener: Listener | None = None,
) -> Evidence:
    """One promotion of any project."""
    run_id = f"r-{secrets.token_hex(6)}"
    return run_promotion(Request(project, environment, environ, run_id, to=to, listener=listener or Silent()))


State = Mapping[str, object]


def state_of(target: Target, format: str = "flyway") -> State:  # noqa: A002 - the file's word
    """Where a database ended: its shape, its history in order, its rows; no times, no ranks, no books."""
    ledger = FORMATS[format].ledger("public", {})
    with connected(target) as session:
        snapshot = take(session.connection, ["public"], exclude_tables=[ledger.table])
        rows = read_rows(session.connection, ["public"], exclude_tables=[ledger.table])
        history = read_history(session, ledger).rows
        query = "select indexrelid::regclass::text from pg_catalog.pg_index where not indisvalid"
        invalid = session.connection.execute(query).fetchall()
    return {
        "objects": snapshot.objects,
        "columns": snapshot.column_order,
        "settings": snapshot.settings,
        "history": [(row.version, row.script, row.checksum, row.success) for row in history],
        "rows": rows,
        "invalid": invalid,
    }


TABLES = """
select n.nspname, c.relname, pg_catalog.pg_relation_filenode(c.oid)
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' order by 1, 2
"""
SCHEMAS = "select nspname, pg_catalog.pg_get_userbyid(nspowner) from pg_catalog.pg_namespace order by 1"
SEQUENCES = "select schemaname, sequencename, last_value from pg_catalog.pg_sequences order by 1, 2"


def everything(target: Target) -> State:
    """All that a database holds, down to the place and the last writer of every row."""
    found: dict[str, object] = {}
    with connected(target) as session:
        found["schemas"] = session.connection.execute(SCHEMAS.encode()).fetchall()
        found["sequences"] = session.connection.execute(SEQUENCES.encode()).fetchall()
        tables = session.connection.execute(TABLES.encode()).fetchall()
        names = [cast("str", schema) for schema, _, _ in tables] or ["public"]
        found["shape"] = take(session.connection, sorted(set(names))).objects
        for schema, name, filenode in tables:
            table = sql.Identifier(schema, name)
            query = sql.SQL("select ctid::text, xmin::text, t.*::text from {} as t").format(table)
            rows = sorted(session.connection.execute(query).fetchall())
            found[f"{schema}.{name}"] = (filenode, rows)
    return found
