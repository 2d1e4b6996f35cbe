"""How Prisma is called: the URL is in its environment, and what reads it from there is written for each major.

Up to 6 the schema file names the variable; since 7 only a configuration file may.
"""

import json
from pathlib import Path
from urllib.parse import quote, urlencode

from pipeline.errors import Unavailable
from pipeline.programs.job import Call, Job, write
from pipeline.programs.place import SYSTEM, Place, start_options

INHERITS = frozenset(
    {
        "NODE_OPTIONS",
        "NODE_EXTRA_CA_CERTS",
        "HTTPS_PROXY",
        "PRISMA_ENGINES_MIRROR",
        "PRISMA_SCHEMA_ENGINE_BINARY",
        "PRISMA_CLI_BINARY_TARGETS",
    }
)
SCHEMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""
SCHEMA_SINCE_7 = 'datasource db {\n  provider = "postgresql"\n}\n'
CONFIGURATION = """\
export default {
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  datasource: { url: process.env.DATABASE_URL },
}
"""
CONFIGURED_SINCE = 7
QUIET = {"PRISMA_HIDE_UPDATE_MESSAGE": "1", "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1", "CI": "1"}
TLS = {
    "disable": {"sslmode": "disable"},
    "require": {"sslmode": "require", "sslaccept": "accept_invalid_certs"},
}
VERIFIED = {"sslmode": "require", "sslaccept": "strict"}


def must_secure(place: Place) -> None:
    """Raise Unavailable for a client's certificate."""
    if place.sslcert or place.sslkey:
        raise Unavailable(
            "a client certificate cannot be given to Prisma as a file of its own",
            why="it takes certificate and key as one PKCS #12 file",
            todo="log in with a password, or let pipeline apply the migrations (migrations.runner: native)",
        )


def call(job: Job, folder: Path) -> Call:
    """``prisma migrate deploy`` on the job's files."""
    for file in job.files:
        write(file, folder / "migrations")
    (folder / "schema.prisma").write_text(SCHEMA_SINCE_7 if job.major >= CONFIGURED_SINCE else SCHEMA)
    arguments = ["migrate", "deploy"]
    if job.major >= CONFIGURED_SINCE:
        (folder / "prisma.config.mjs").write_text(CONFIGURATION)
        arguments += ["--config", "prisma.config.mjs"]
    else:
        arguments += ["--schema", "schema.prisma"]
    return Call(arguments, {**QUIET, "DATABASE_URL": url(job)})


def url(job: Job) -> str:
    """The database as Prisma names it."""
    place = job.place
    secret = f":{quote(place.password, safe='')}" if place.password else ""
    query = {"schema": job.table[0], **_tls(place), "options": start_options(job.settings)}
    if place.by_socket:
        query["host"] = place.host
    where = f"localhost:{place.port}" if place.by_socket else f"{place.bracketed}:{place.port}"
    user = quote(place.user, safe="")
    asked = urlencode(query, quote_via=quote)
    return f"postgresql://{user}{secret}@{where}/{quote(place.database, safe='')}?{asked}"


def major_of(program: Path) -> int | None:
    """The major version of a program that npm has installed; None of anything else."""
    for folder in program.resolve().parents:
        description = folder / "package.json"
        if description.is_file():
            found = json.loads(description.read_text("utf-8"))
            return int(str(found["version"]).split(".")[0]) if found.get("name") == "prisma" else None
    return None


def _tls(place: Place) -> dict[str, str]:
    if place.sslmode in TLS:
        return TLS[place.sslmode]
    authority = place.sslrootcert if place.sslrootcert not in (None, SYSTEM) else None
    return {**VERIFIED, **({"sslcert": authority} if authority else {})}
