"""Flyway's own settings, under its own names: those that work here, and those that are known but do not yet."""

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pipeline.errors import ConfigurationError
from pipeline.formats.options import Options

BUILT = (
    "table",
    "defaultSchema",
    "installedBy",
    "encoding",
    "environment",
    "locations",
    "callbackLocations",
    "jarDirs",
    "executeInTransaction",
    "sqlMigrationPrefix",
    "undoSqlMigrationPrefix",
    "repeatableSqlMigrationPrefix",
    "baselineMigrationPrefix",
    "baselineDescription",
    "sqlMigrationSeparator",
    "sqlMigrationSuffixes",
    "validateMigrationNaming",
    "placeholders",
    "placeholderPrefix",
    "placeholderSuffix",
    "placeholderSeparator",
    "placeholderReplacement",
    "ignoreMigrationPatterns",
    "undoRows",
)
FLAGS = frozenset({"executeInTransaction", "validateMigrationNaming", "placeholderReplacement"})
LISTS = frozenset({
    "locations", "callbackLocations", "jarDirs", "sqlMigrationSuffixes", "ignoreMigrationPatterns",
})  # fmt: skip
_PATTERN = re.compile(r"(versioned|repeatable|\*):(missing|pending|ignored|future|\*)")
_ELSEWHERE = "it is set elsewhere: "
_LATER = "it is not built"
KNOWN = {
    "outOfOrder": _ELSEWHERE + "migrations.out_of_order",
    "schemas": _ELSEWHERE + "migrations.schemas",
    "target": _ELSEWHERE + "promote ENV --to VERSION",
    "baselineVersion": _ELSEWHERE + "baseline ENV --version VERSION",
    "url": _ELSEWHERE + "environments",
    "user": _ELSEWHERE + "environments",
    "password": _ELSEWHERE + "environments",
    "mixed": "files that mix both kinds of statements are refused, because they cannot be rolled back",
    "group": "each migration is a transaction of its own here",
    "baselineOnMigrate": "a baseline is an act of its own here",
    "validateOnMigrate": "files and ledger are always compared first here",
    "cleanDisabled": "nothing here cleans a database but `reset`, and never a protected one",
    "lockRetryCount": "the limits of environments.yaml hold here: environments.*.limits.advisory_lock",
    "postgresql.transactional.lock": "the lock and the row share the migration's transaction here",
    "outputQueryResults": "rows that a script selects are not shown",
    "connectRetries": "the limits of environments.yaml hold here: environments.*.limits.connect",
    "createSchemas": "the schemas must be there: a migration may make them",
    "jarDirs": "where migrations are in jars, migrations.options.jarDirs names the folder",
    **dict.fromkeys(
        (
            "callbacks",
            "cherryPick",
            "detectEncoding",
            "failOnMissingLocations",
            "initSql",
            "javaMigrationClassProvider",
            "resolvers",
            "scriptPlaceholderPrefix",
            "scriptPlaceholderSuffix",
            "skipDefaultCallbacks",
            "skipDefaultResolvers",
            "skipExecutingMigrations",
            "tablespace",
        ),
        _LATER,
    ),
}


class Settings(NamedTuple):
    """The settings of one project; the defaults are Flyway's."""

    table: str = "flyway_schema_history"
    default_schema: str | None = None
    installed_by: str | None = None
    encoding: str = "utf-8"
    environment: str = "default"
    locations: tuple[str, ...] | None = None
    callback_locations: tuple[str, ...] = ()
    jar_dirs: tuple[str, ...] = ()
    in_transaction: bool = True
    baseline_description: str = "<< Flyway Baseline >>"
    versioned_prefix: str = "V"
    undo_prefix: str = "U"
    repeatable_prefix: str = "R"
    baseline_prefix: str = "B"
    separator: str = "__"
    suffixes: tuple[str, ...] = (".sql",)
    strict_names: bool = False
    placeholders: Mapping[str, str] = MappingProxyType({})
    placeholder_prefix: str = "${"
    placeholder_suffix: str = "}"
    placeholder_separator: str = ":"
    replace: bool = True
    ignored: tuple[str, ...] | None = None
    """ignoreMigrationPatterns; None where they are not set, which to Flyway's repair means ``*:future``."""
    undo_rows: bool | None = None
    """Whether an undo writes a row of the paid edition; None: where the ledger has such rows already."""


DEFAULT = Settings()


def settings(given: Mapping[str, object]) -> Settings:
    """The settings of environments.yaml. Raises ConfigurationError for what does not exist or does not work."""
    options = Options("Flyway", given, built=BUILT, known=KNOWN)
    return Settings(
        table=options.text("table", DEFAULT.table),
        default_schema=options.text("defaultSchema", " ").strip() or None,
        installed_by=options.text("installedBy", " ").strip() or None,
        encoding=encoding(options.text("encoding", DEFAULT.encoding)),
        environment=options.text("environment", DEFAULT.environment),
        locations=options.texts("locations", ()) if options.has("locations") else None,
        callback_locations=options.texts("callbackLocations", ()) if options.has("callbackLocations") else (),
        jar_dirs=options.texts("jarDirs", ()) if options.has("jarDirs") else (),
        in_transaction=options.flag("executeInTransaction", default=DEFAULT.in_transaction),
        baseline_description=options.text("baselineDescription", DEFAULT.baseline_description),
        versioned_prefix=options.text("sqlMigrationPrefix", DEFAULT.versioned_prefix),
        undo_prefix=options.text("undoSqlMigrationPrefix", DEFAULT.undo_prefix),
        repeatable_prefix=options.text("repeatableSqlMigrationPrefix", DEFAULT.repeatable_prefix),
        baseline_prefix=options.text("baselineMigrationPrefix", DEFAULT.baseline_prefix),
        separator=options.text("sqlMigrationSeparator", DEFAULT.separator),
        suffixes=options.texts("sqlMigrationSuffixes", DEFAULT.suffixes),
        strict_names=options.flag("validateMigrationNaming", default=DEFAULT.strict_names),
        placeholders={name.lower(): value for name, value in options.mapping("placeholders").items()},
        placeholder_prefix=options.text("placeholderPrefix", DEFAULT.placeholder_prefix),
        placeholder_suffix=options.text("placeholderSuffix", DEFAULT.placeholder_suffix),
        placeholder_separator=options.text("placeholderSeparator", DEFAULT.placeholder_separator),
        replace=options.flag("placeholderReplacement", default=DEFAULT.replace),
        ignored=_patterns(options),
        undo_rows=options.flag("undoRows", default=False) if options.has("undoRows") else None,
    )


def _patterns(options: Options) -> tuple[str, ...] | None:
    patterns = (
        options.texts("ignoreMigrationPatterns", ("",)) if options.has("ignoreMigrationPatterns") else None
    )
    wrong = [pattern for pattern in patterns or () if not _PATTERN.fullmatch(pattern.lower())]
    if wrong:
        raise ConfigurationError(
            f"{wrong[0]} is no pattern of Flyway's",
            where="migrations.options.ignoreMigrationPatterns",
            todo="write versioned, repeatable or *, a colon, and missing, pending, ignored, future or *",
        )
    return None if patterns is None else tuple(pattern.lower() for pattern in patterns)


def encoding(name: str) -> str:
    """Our name of an encoding. Raises ConfigurationError where there is none of that name."""
    try:
        "a".encode(name)  # Python knows encodings of other things than text too
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise ConfigurationError(
            f"there is no encoding {name}",
            where="migrations.options.encoding",
            todo="write UTF-8, or save the files so",
        ) from error
