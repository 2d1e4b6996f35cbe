"""A project as the rest of the program knows it: frozen values, absolute paths, three kinds of database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from pipeline.config.connection import parameters_of, secured
from pipeline.config.exposed import refuse_exposed
from pipeline.config.pins import Pin
from pipeline.config.references import Reference, Run
from pipeline.config.sections import (
    Budgets,
    CommandCheck,
    Drift,
    Failure,
    Identity,
    Limits,
    Provider,
    QueryCheck,
    Role,
    Rollback,
)
from pipeline.errors import ConfigurationError
from pipeline.findings import ClaimName
from pipeline.shapes.words import did_you_mean, listed, shown


class EmbeddedDatabase(NamedTuple):
    """A PostgreSQL that this tool keeps in a folder (absolute)."""

    path: Path

    def __str__(self) -> str:
        return f"embedded in {self.path}"


class ThrowawayDatabase(NamedTuple):
    """A database that lives for one run."""

    provider: Provider

    def __str__(self) -> str:
        return f"throwaway ({self.provider})"


@dataclass(frozen=True)
class LiveDatabase:
    """A server that somebody else runs, by reference.

    ``root`` is where relative paths of the file start, ``run`` what runs a ``command:``.
    """

    url: Reference
    tls: str
    root: Path
    run: Run = field(repr=False, compare=False)

    def parameters(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The libpq parameters, resolved anew; a server elsewhere is verified.

        Raises ConfigurationError where the URL cannot be had or read, Refused where it asks for less than
        ``tls`` does or libpq would take its password from a file that others can read.
        """
        url = self.url.resolve(environ, self.root, self.run)
        found = secured(parameters_of(url, self.url.where), self.tls, self.root, self.url.where)
        refuse_exposed(found, environ, self.url.where)
        return found

    def __str__(self) -> str:
        return f"{self.url} (tls: {self.tls})"


Database: TypeAlias = EmbeddedDatabase | ThrowawayDatabase | LiveDatabase


class Migrations(NamedTuple):
    """Where the migrations are: ``path`` absolute, ``shown`` as in the file; ``options`` are the format's.

    ``by_tool`` says that the format's own program applies them; ``program`` is which (None: the usual one).
    """

    format: Literal["flyway", "prisma", "golang-migrate"]
    path: Path
    shown: str
    schemas: tuple[str, ...]
    out_of_order: Literal["deny", "warn", "allow"]
    options: Mapping[str, object]
    by_tool: bool = False
    program: str | None = None

    def show(self, path: str) -> str:
        """A path of the folder as people read it, from where the file lies."""
        return f"{self.shown.rstrip('/')}/{path}"


class Rehearse(NamedTuple):
    """How a release is rehearsed; ``prepare`` and ``seed`` are absolute paths of SQL files."""

    source: Literal["auto", "dump"]
    prepare: tuple[Path, ...]
    seed: tuple[Path, ...]
    rollback: Rollback
    budgets: Budgets


class Backup(NamedTuple):
    """The backup before anything is applied: where it is kept (absolute) and for how long."""

    store: Path
    keep: timedelta


class Environment(NamedTuple):
    """One stage on the way of a release, with every default filled in but ``rehearse`` (None: left out)."""

    name: str
    database: Database
    protected: bool
    requires: tuple[str, ...]
    rehearse: Rehearse | None
    identity: Identity
    role: Role
    limits: Limits
    backup: Backup
    require: tuple[ClaimName, ...]
    drift: Drift
    verify: tuple[QueryCheck | CommandCheck, ...]
    failure: Failure


@dataclass(frozen=True)
class Project:
    """environments.yaml as values; ``environments`` are in the order of promotion.

    ``file`` is the file, ``root`` its folder, ``state`` the folder of what must outlive a run; all absolute.
    ``pins`` say by environment which database it is (environments.lock).
    """

    project: str
    root: Path
    file: Path
    state: Path
    migrations: Migrations
    environments: Mapping[str, Environment]
    unsaid: Rehearse
    pins: Mapping[str, Pin] = field(default_factory=dict[str, Pin])

    def environment(self, name: str) -> Environment:
        """The environment of that name. Raises ConfigurationError with the names that there are."""
        found = self.environments.get(name)
        if found is None:
            names = list(self.environments)
            raise ConfigurationError(
                f"there is no environment `{shown(name)}`",
                where=self.file.name,
                why=f"there are: {listed(names)}",
                todo=did_you_mean(name, names),
            )
        return found

    def earlier(self, name: str) -> tuple[Environment, ...]:
        """The environments before that one, in order."""
        last = list(self.environments).index(self.environment(name).name)
        return tuple(self.environments.values())[:last]

    def rehearsal_for(self, name: str) -> Rehearse:
        """Its own ``rehearse:``, else that of the nearest throwaway before it, else the defaults."""
        environment = self.environment(name)
        nearest = self._nearest_throwaway(name)
        return environment.rehearse or (nearest.rehearse if nearest else None) or self.unsaid

    def throwaway_for(self, name: str) -> Provider:
        """Who provides the throwaway of its rehearsals: itself, or the nearest one before it; else auto."""
        for environment in (self.environment(name), self._nearest_throwaway(name)):
            if environment is not None and isinstance(environment.database, ThrowawayDatabase):
                return environment.database.provider
        return "auto"

    def first_live(self) -> Environment:
        """The first environment that lasts (embedded or a URL). Raises ConfigurationError if there is none."""
        for environment in self.environments.values():
            if not isinstance(environment.database, ThrowawayDatabase):
                return environment
        raise ConfigurationError(
            "no environment lasts: all are throwaway",
            where=self.file.name,
            todo="add one with `embedded:` or `url:`, or name the one you mean",
        )

    def _nearest_throwaway(self, name: str) -> Environment | None:
        before = reversed(self.earlier(name))
        return next((one for one in before if isinstance(one.database, ThrowawayDatabase)), None)
