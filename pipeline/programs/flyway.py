"""How Flyway is called: everything it is told is in its environment, since placeholders may be secrets too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode

from pipeline.errors import Unavailable
from pipeline.formats.flyway.jars import packages, without
from pipeline.formats.flyway.locations import CLASSPATH, is_below, placed
from pipeline.formats.flyway.settings import DEFAULT, Settings, settings
from pipeline.formats.model import SourceFile
from pipeline.programs.java_key import in_der
from pipeline.programs.job import Call, Job, write
from pipeline.programs.place import SYSTEM, Place, start_options

INHERITS = frozenset(
    {
        "JAVA_HOME",
        "JAVA_ARGS",
        "FLYWAY_LICENSE_KEY",
        "FLYWAY_EMAIL",
        "FLYWAY_TOKEN",
        "REDGATE_LICENSING_PERMIT_PATH",
    }
)
MIGRATIONS, CALLBACKS, JARS = "migrations", "callbacks", "jars"
KEY = "client-key.pk8"
_CAPITAL = re.compile(r"(?=[A-Z])")
_VARIABLE = re.compile(r"[A-Za-z0-9_]+")
_OURS = frozenset({
    "locations", "callbackLocations", "jarDirs", "placeholders", "undoRows", "ignoreMigrationPatterns",
    "environment",
})  # fmt: skip
_USUAL_PATTERN = "*:future"
_HELD_BACK = "repeatable:missing"
"""A repeatable that runs again later is not in the folder yet, and the ledger has a row of it."""


def must_secure(place: Place) -> None:
    """Raise Unavailable for a client's key that Java cannot read."""
    if place.sslkey:
        in_der(Path(place.sslkey))


def call(job: Job, folder: Path) -> Call:
    """``flyway migrate`` on the job's files. Raises Unavailable for what its environment cannot say."""
    own = settings(job.options)
    _must_not_ask_for_environment(job.files, own)
    patterns = own.ignored if own.ignored is not None else (_USUAL_PATTERN,)
    written = _write(job, folder)
    env = {
        **{_variable(name): _spelt(value) for name, value in job.options.items() if name not in _OURS},
        **{f"FLYWAY_PLACEHOLDERS_{_placeholder(name)}": value for name, value in own.placeholders.items()},
        "FLYWAY_URL": url(_with_readable_key(job.place, folder), job.settings),
        "FLYWAY_USER": job.place.user,
        "FLYWAY_PASSWORD": job.place.password or "",
        "FLYWAY_LOCATIONS": ",".join(
            [*(f"filesystem:{place}" for place in written[MIGRATIONS]), *map(_package, packages(own))]
        ),
        "FLYWAY_SCHEMAS": ",".join(dict.fromkeys([*job.schemas, job.table[0]])),
        "FLYWAY_DEFAULT_SCHEMA": job.table[0],
        "FLYWAY_CREATE_SCHEMAS": "false",
        "FLYWAY_CLEAN_DISABLED": "true",
        "FLYWAY_OUT_OF_ORDER": _spelt(job.out_of_order),
        "FLYWAY_LOCK_RETRY_COUNT": str(max(1, round(job.lock_wait.total_seconds()))),
        "FLYWAY_IGNORE_MIGRATION_PATTERNS": ",".join(dict.fromkeys([*patterns, _HELD_BACK])),
        "FLYWAY_POSTGRESQL_TRANSACTIONAL_LOCK": "false",
        "FLYWAY_OUTPUT_QUERY_RESULTS": "false",
        "FLYWAY_REPORT_ENABLED": "false",
    }
    if written[CALLBACKS]:
        env["FLYWAY_CALLBACK_LOCATIONS"] = ",".join(f"filesystem:{place}" for place in written[CALLBACKS])
    if written[JARS]:
        env["FLYWAY_JAR_DIRS"] = ",".join(written[JARS])
    return Call(("migrate",), env)


def url(place: Place, session: Mapping[str, str]) -> str:
    """The database as JDBC names it, without who connects."""
    system = place.sslrootcert == SYSTEM
    query = {
        "sslmode": place.sslmode,
        "sslfactory": "org.postgresql.ssl.DefaultJavaSSLFactory" if system else None,
        "sslrootcert": None if system else place.sslrootcert,
        "sslcert": place.sslcert,
        "sslkey": place.sslkey,
        "options": start_options(session),
    }
    asked = urlencode({name: value for name, value in query.items() if value}, quote_via=quote)
    return f"jdbc:postgresql://{place.bracketed}:{place.port}/{quote(place.database, safe='')}?{asked}"


def _with_readable_key(place: Place, folder: Path) -> Place:
    key = in_der(Path(place.sslkey)) if place.sslkey else None
    if key is None:
        return place
    path = folder / KEY
    path.touch(mode=0o600)
    path.write_bytes(key)
    return replace(place, sslkey=str(path))


def _write(job: Job, folder: Path) -> Mapping[str, list[str]]:
    """Write each location to a folder of its own: the ledger knows scripts by their path inside of one."""
    own = settings(job.options)
    written: dict[str, list[str]] = {MIGRATIONS: [], CALLBACKS: [], JARS: []}
    places: dict[tuple[str, str], Path] = {}
    numbers = count(1)
    for file in placed(job.files, own):
        sort = _sort(file, own)
        location = sort, file.shown.removesuffix(file.path)
        if location not in places:
            places[location] = folder / f"{sort}-{next(numbers)}"
            places[location].mkdir()
            written[sort].append(str(places[location]))
        whole = file._replace(content=without(file, job.held_back)) if sort == JARS else file
        write(whole, places[location])
    if not written[MIGRATIONS]:
        (folder / MIGRATIONS).mkdir()
        written[MIGRATIONS].append(str(folder / MIGRATIONS))
    return written


def _sort(file: SourceFile, own: Settings) -> str:
    if is_below(file.shown, own.jar_dirs):
        return JARS
    return CALLBACKS if is_below(file.shown, own.callback_locations) else MIGRATIONS


def _package(folder: str) -> str:
    return f"{CLASSPATH}:{folder.rstrip('/')}"


def _must_not_ask_for_environment(files: Sequence[SourceFile], own: Settings) -> None:
    """Flyway knows an environment only from a flyway.toml, and is told everything by variables here."""
    if own.environment == DEFAULT.environment or not own.replace:
        return
    asked = f"flyway{own.placeholder_separator.lower()}environment"
    for file in files:
        if asked.encode() in file.content.lower():
            raise Unavailable(
                f"the environment {own.environment} cannot be given to Flyway, and a script asks for it",
                where=file.shown,
                why=f"for {asked} it would put in {DEFAULT.environment}",
                todo="use a placeholder of your own, or let pipeline apply the migrations"
                " (migrations.runner: native)",
            )


def _variable(name: str) -> str:
    """``placeholderPrefix`` is FLYWAY_PLACEHOLDER_PREFIX."""
    return f"FLYWAY_{_CAPITAL.sub('_', name).upper()}"


def _placeholder(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise Unavailable(
            f"the placeholder {name} cannot be given to Flyway",
            why="it would be in its arguments, where every user of this machine can read it",
            todo="name it with letters, digits and _ only",
        )
    return name.upper()


def _spelt(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # whatever the file held
