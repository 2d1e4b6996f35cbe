"""The project's own questions (``verify:`` with ``sql:``): asked before and after, and compared."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

import psycopg

from pipeline.checks.verdict import Verdict
from pipeline.config.sections import QueryCheck
from pipeline.errors import Refused
from pipeline.postgres.connect import Session
from pipeline.postgres.transaction import reading

Answers = Mapping[str, object]
"""The first column of the first row, by the name of the check; None where there was no row."""


PATH: LiteralString = "select pg_catalog.set_config('search_path', %s, true)"


def ask(
    session: Session, checks: Sequence[QueryCheck], *, schemas: Sequence[str], must_answer: bool
) -> Answers:
    """Ask every check in one unchanging view, in which nothing can be written.

    A check that cannot be asked yet (its table comes with this release) has no answer; with ``must_answer``
    it raises Refused instead. Unqualified names are looked up in ``schemas`` first.
    """
    answers: dict[str, object] = {}
    for check in checks:
        with reading(session):
            session.connection.execute(PATH, [session.path_for(schemas)])
            try:
                row = session.connection.execute(check.sql.encode()).fetchone()
            except psycopg.Error as error:
                if must_answer:
                    raise Refused(
                        f"the check {check.name!r} cannot be asked", why=str(error).strip(), todo=check.sql
                    ) from error
                continue
            answers[check.name] = row[0] if row else None
    return answers


def judge(checks: Sequence[QueryCheck], before: Answers, after: Answers) -> tuple[Verdict, ...]:
    """Compare what was answered before and after."""
    return tuple(_judge(check, before, after.get(check.name)) for check in checks)


def _judge(check: QueryCheck, before: Answers, after: object) -> Verdict:
    match check.expect:
        case "zero":
            return Verdict(check.name, after == 0, f"{after}, expected 0")
        case "not_less" | "unchanged" if check.name not in before:
            return Verdict(check.name, after is not None, f"{after}, not there before")
        case "not_less":
            was = before[check.name]
            return Verdict(check.name, _not_less(was, after), f"{was} before, {after} after")
        case "unchanged":
            was = before[check.name]
            return Verdict(check.name, was == after, f"{was} before, {after} after")
        case literal:
            return Verdict(check.name, str(after) == str(literal), f"{after}, expected {literal}")


def _not_less(before: object, after: object) -> bool:
    if before is None:
        return True
    try:
        return bool(after >= before)  # type: ignore[operator]
    except TypeError:
        return False
