"""Make a database on a throwaway server: same encoding, locale and owner as the one it stands in for."""

from datetime import timedelta
from typing import LiteralString

from psycopg import sql

from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity

PROVIDERS_SINCE = 15
LOCALE_PROVIDERS: dict[str, LiteralString] = {
    "c": "locale_provider libc",
    "i": "locale_provider icu icu_locale {}",
    "b": "locale_provider builtin builtin_locale {}",
}
"""What CREATE DATABASE must be told, since the server's own default may be another (datlocprovider)."""


def create_like(session: Session, model: Identity, name: str) -> None:
    """Create the database ``name`` in the likeness of ``model``, as a superuser."""
    parts = [
        sql.SQL("create database {} template template0 owner {}").format(
            sql.Identifier(name), sql.Identifier(model.owner)
        ),
        sql.SQL("encoding {} lc_collate {} lc_ctype {}").format(model.encoding, model.collate, model.ctype),
    ]
    provider = LOCALE_PROVIDERS.get(model.locale_provider)
    if provider and session.major >= PROVIDERS_SINCE:
        parts.append(sql.SQL(provider).format(model.locale))
    session.connection.execute(sql.SQL(" ").join(parts))


def analyze(session: Session, *, deadline: timedelta) -> None:
    """Give the planner its statistics; a restore brings none along."""
    session.connection.execute(
        sql.SQL("set statement_timeout = {}").format(round(deadline.total_seconds() * 1000))
    )
    session.connection.execute("analyze")
    session.connection.execute("set statement_timeout = 0")
