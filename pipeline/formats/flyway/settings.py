"""Flyway's own settings, under its own names: those that work here, and those that are known but do not yet."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.errors import ConfigurationError
from pipeline.formats.options import Options

_BUILT = (
    "table",
    "defaultSchema",
    "installedBy",
    "encoding",
    "sqlMigrationPrefix",
    "undoSqlMigrationPrefix",
    "repeatableSqlMigrationPrefix",
    "baselineMigrationPrefix",
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
_PATTERN = re.compile(r"(versioned|repeatable|\*):(missing|pending|ignored|future|\*)")
_ELSEWHERE = "it is set elsewhere: "
_LATER = "it is not built yet"
_KNOWN = {
    "outOfOrder": _ELSEWHERE + "migrations.out_of_order",
    "schemas": _ELSEWHERE + "migrations.schemas",
    "target": _ELSEWHERE + "promote ENV --to VERSION",
    "url": _ELSEWHERE + "environments",
    "user": _ELSEWHERE + "environments",
    "password": _ELSEWHERE + "environments",
    "locations": "it is not built yet: migrations.path is the only location",
    "executeInTransaction": "each statement is looked at instead: what cannot run in a transaction runs alone",
    "mixed": "files that mix both kinds of statements are refused, because they cannot be rolled back",
    "group": "each migration is a transaction of its own here",
    **dict.fromkeys(
        (
            "baselineDescription",
            "baselineOnMigrate",
            "baselineVersion",
            "callbackLocations",
            "callbacks",
            "cherryPick",
            "cleanDisabled",
            "connectRetries",
            "createSchemas",
            "detectEncoding",
            "failOnMissingLocations",
            "initSql",
            "jarDirs",
            "javaMigrationClassProvider",
            "lockRetryCount",
            "outputQueryResults",
            "postgresql.transactional.lock",
            "resolvers",
            "scriptPlaceholderPrefix",
            "scriptPlaceholderSuffix",
            "skipDefaultCallbacks",
            "skipDefaultResolvers",
            "skipExecutingMigrations",
            "tablespace",
            "validateOnMigrate",
        ),
        _LATER,
    ),
}


@dataclass(frozen=True)
class Settings:
    """The settings of one project; the defaults are Flyway's."""

    table: str = "flyway_schema_history"
    default_schema: str | None = None
    installed_by: str | None = None
    encoding: str = "utf-8"
    versioned_prefix: str = "V"
    undo_prefix: str = "U"
    repeatable_prefix: str = "R"
    baseline_prefix: str = "B"
    separator: str = "__"
    suffixes: tuple[str, ...] = (".sql",)
    strict_names: bool = False
    placeholders: Mapping[str, str] = field(default_factory=dict[str, str])
    placeholder_prefix: str = "${"
    placeholder_suffix: str = "}"
    placeholder_separator: str = ":"
    replace: bool = True
    ignored: tuple[str, ...] | None = None
    """ignoreMigrationPatterns; None where they are not set, which to Flyway's repair means ``*:future``."""
    undo_rows: bool | None = None
    """Whether an undo writes a row of the paid edition; None: where the ledger has such rows already."""


def settings(given: Mapping[str, object]) -> Settings:
    """The settings of environments.yaml. Raises ConfigurationError for what does not exist or does not work."""
    options = Options("Flyway", given, built=_BUILT, known=_KNOWN)
    return Settings(
        table=options.text("table", Settings.table),
        default_schema=options.text("defaultSchema", " ").strip() or None,
        installed_by=options.text("installedBy", " ").strip() or None,
        encoding=_encoding(options.text("encoding", Settings.encoding)),
        versioned_prefix=options.text("sqlMigrationPrefix", Settings.versioned_prefix),
        undo_prefix=options.text("undoSqlMigrationPrefix", Settings.undo_prefix),
        repeatable_prefix=options.text("repeatableSqlMigrationPrefix", Settings.repeatable_prefix),
        baseline_prefix=options.text("baselineMigrationPrefix", Settings.baseline_prefix),
        separator=options.text("sqlMigrationSeparator", Settings.separator),
        suffixes=options.texts("sqlMigrationSuffixes", Settings.suffixes),
        strict_names=options.flag("validateMigrationNaming", default=Settings.strict_names),
        placeholders={name.lower(): value for name, value in options.mapping("placeholders").items()},
        placeholder_prefix=options.text("placeholderPrefix", Settings.placeholder_prefix),
        placeholder_suffix=options.text("placeholderSuffix", Settings.placeholder_suffix),
        placeholder_separator=options.text("placeholderSeparator", Settings.placeholder_separator),
        replace=options.flag("placeholderReplacement", default=Settings.replace),
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


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ConfigurationError(
            f"there is no encoding {name}",
            where="migrations.options.encoding",
            todo="write UTF-8, or save the files so",
        ) from error
