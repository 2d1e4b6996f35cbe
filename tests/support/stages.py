"""A database at an older version to copy, and where a copy that is promoted undisturbed ends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from psycopg import sql

from pipeline.postgres.target import Target
from pipeline.proof import Outcome
from tests.support.projects import SmallProject, State, ask, everything, execute, promote, state_of
from tests.support.servers import TestServer, as_superuser, create_database

AUDIT = "pipeline.promotions"


OID = "SELECT oid FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Stage:
    """A database to copy, and what becomes of a copy that is promoted undisturbed, in how many seconds."""

    server: TestServer
    model: str
    role: str
    templates: Path
    passed: tuple[str, ...] = ()
    end: str = ""
    seconds: float = 0.0

    def project(self, root: Path, *, model: str | None = None) -> SmallProject:
        """A project whose prod is a copy of ``model``."""
        name = create_database(self.server)
        with as_superuser(self.server) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            text = "CREATE DATABASE {} TEMPLATE {} OWNER {}"
            parts = map(sql.Identifier, (name, model or self.model, self.role))
            connection.execute(sql.SQL(text).format(*parts))
        prod = self.server.target(name, self.role)
        if ask(prod, "SELECT to_regclass('pipeline.marker') IS NOT NULL"):
            execute(prod, f"UPDATE pipeline.marker SET database_oid = ({OID})")
        return SmallProject.make(root, prod, self.server.target(name), templates=self.templates)


def told(target: Target) -> str:
    """Where a database ended, whatever it and its owner are called, and wherever its catalog lies."""
    user = target.resolve()["user"]
    state = state_of(target)
    objects = sorted(map(repr, cast("Mapping[object, object]", state["objects"]).items()))
    return repr({**state, "objects": objects}).replace(user, "owner")


def last_words(small: SmallProject) -> object:
    """Why the last run of a project stopped, as its evidence says."""
    return json.loads((small.evidence / "latest" / "evidence.json").read_text())["stopped"]


def without_audit(target: Target) -> State:
    """All that a database holds, but for the record of which promotions there were."""
    return {what: found for what, found in everything(target).items() if what != AUDIT}


def must_converge(small: SmallProject, end: str) -> None:
    """A plain rerun, in this process, ends where an undisturbed run does; one more writes no row."""
    again = promote(small)
    assert again.exit_code == 0, again.stopped
    assert told(small.prod) == end
    before = without_audit(small.prod)
    assert promote(small).outcome is Outcome.NOTHING_TO_DO
    assert without_audit(small.prod) == before
    assert told(small.prod) == end
