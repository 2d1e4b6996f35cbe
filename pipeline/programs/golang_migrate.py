"""How golang-migrate is called. Its URL must be an argument, so it names the database and nothing else.

Its driver takes the rest from libpq's variables, of which it knows a few.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from pipeline.programs.job import Call, Job, write
from pipeline.programs.place import SYSTEM, Place, start_options

INHERITS: frozenset[str] = frozenset()
FOLDER = "migrations"


def call(job: Job, folder: Path) -> Call:
    """``migrate up`` on the job's files."""
    migrations = folder / FOLDER
    migrations.mkdir()
    for file in job.files:
        write(file, migrations)
    own = {name: _spelt(value) for name, value in job.options.items()}
    url = f"postgres:///{quote(job.place.database, safe='')}" + (f"?{urlencode(own)}" if own else "")
    wait = str(max(1, round(job.lock_wait.total_seconds())))
    arguments = ("-path", FOLDER, "-database", url, "-lock-timeout", wait, "up")
    return Call(arguments, {**_variables(job.place), "PGOPTIONS": start_options(job.settings)})


def _variables(place: Place) -> Mapping[str, str]:
    """The system's own certificates are what its driver takes where no file is named."""
    given = {
        "PGHOST": place.host,
        "PGPORT": place.port,
        "PGUSER": place.user,
        "PGPASSWORD": place.password,
        "PGSSLMODE": place.sslmode,
        "PGSSLROOTCERT": None if place.sslrootcert == SYSTEM else place.sslrootcert,
        "PGSSLCERT": place.sslcert,
        "PGSSLKEY": place.sslkey,
    }
    return {name: value for name, value in given.items() if value}


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
