"""Where an expectation comes from: what was kept, what the history makes, what somebody pinned."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Refused
from pipeline.steps.drift import drift_of, look_for_drift
from pipeline.steps.observe import observe
from pipeline.steps.pin import PinnedShape, pin
from pipeline.steps.release import read_release
from pipeline.steps.throwaway import throwaway
from pipeline.throwaway.interface import Server
from tests.scenarios.test_drift import context, drift, names
from tests.support.projects import SmallProject, ask, execute, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

FORGET = "DELETE FROM pipeline.snapshots"
BASELINED = f"{FORGET}; UPDATE flyway_schema_history SET type = 'BASELINE' WHERE version = '1'"
HOTFIX = "ALTER TABLE people ADD hotfix int"


def source(small: SmallProject) -> tuple[str, int]:
    """Where the expectation came from, and how often a server was asked for."""
    asked: list[int] = []
    made = context(small)
    with made.session(small.prod) as session, throwaway(made, session.major) as ready:

        def server() -> Server:
            asked.append(1)
            return ready.server()

        seen = observe(made, session, read_release(made.project).release)
        found = look_for_drift(made, session, seen, server)
    assert found.moved == ()
    return found.source, len(asked)


def shapes(small: SmallProject) -> list[Path]:
    return sorted((small.root / ".pipeline" / "expected").iterdir())


def test_what_a_history_makes_is_learned_once(older: SmallProject) -> None:
    assert source(older) == ("the shape we last left here", 0)
    older.sql(FORGET)
    assert source(older) == ("3 recorded migrations, applied anew", 1)
    assert source(older) == ("3 recorded migrations, applied anew at an earlier check", 0)


def cut(content: bytes) -> bytes:
    return content[:-1]


def changed(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("spoil", [cut, changed])
def test_a_shape_that_was_tampered_with_is_made_anew(
    older: SmallProject, spoil: Callable[[bytes], bytes]
) -> None:
    older.sql(FORGET)
    source(older)
    for path in shapes(older):
        path.write_bytes(spoil(path.read_bytes()))
    assert source(older)[1] == 1
    assert source(older)[1] == 0


def test_another_history_and_other_preparations_are_learned_anew(older: SmallProject) -> None:
    older.sql(FORGET)
    source(older)
    known = len(shapes(older))
    (older.root / "roles.sql").write_text("SELECT 1;")
    older.configure(staging={"rehearse": {"prepare": ["roles.sql"]}})
    assert source(older)[1] == 1
    assert promote(older, to="3").exit_code == 0
    older.sql(FORGET)
    assert source(older)[1] == 1
    assert len(shapes(older)) == known + 2


def test_drift_is_found_against_what_was_learned_before(older: SmallProject) -> None:
    older.sql(FORGET)
    source(older)
    older.sql(HOTFIX)
    assert names(drift(older)) == {"column public.people.hotfix"}


def accept(small: SmallProject) -> PinnedShape:
    made = context(small)
    shape = pin(replace(made, environ={**made.environ, "GITHUB_ACTOR": "", "USER": "ada"})).shape
    assert shape is not None
    return shape


def test_a_baselined_database_is_expected_to_stay_as_it_was_pinned(older: SmallProject) -> None:
    older.sql(BASELINED)
    with pytest.raises(Refused, match="cannot be examined"):
        drift(older)
    made = accept(older)
    assert made.accepted is None
    assert made.where.startswith("the schema 'pipeline'")
    found = drift(older)
    assert found.moved == ()
    assert found.source.startswith("pinned by ada as owner_of_")
    older.sql(HOTFIX)
    assert names(drift(older)) == {"column public.people.hotfix"}


def test_a_pin_accepts_drift_and_tells_what_it_accepted(older: SmallProject) -> None:
    older.sql(HOTFIX)
    made = accept(older)
    assert made.accepted is not None
    assert [one.key.name for one in made.accepted] == ["public.people.hotfix"]
    assert drift(older).moved == ()
    assert promote(older).exit_code == 0


def test_a_pin_counts_until_the_ledger_changes(older: SmallProject) -> None:
    older.sql(BASELINED)
    accept(older)
    older.sql("UPDATE flyway_schema_history SET description = 'another' WHERE version = '2'")
    with pytest.raises(Refused, match="cannot be examined"):
        drift(older)


def test_where_the_role_may_not_make_our_schema_the_pin_lies_in_the_state(small: SmallProject) -> None:
    database, role = (ask(small.prod, f"SELECT {what}") for what in ("current_database()", "current_user"))
    small.sql("CREATE TABLE people (id int)")
    execute(small.admin, f'ALTER DATABASE "{database}" OWNER TO postgres')
    execute(small.admin, f'GRANT CREATE ON SCHEMA public TO "{role}"')
    made = accept(small)
    assert Path(made.where).is_file()
    assert ask(small.admin, "SELECT to_regnamespace('pipeline') IS NULL") is True
    assert drift(small).source.startswith("pinned by ada")
    small.sql("CREATE TABLE hotfix (id int)")
    assert "table public.hotfix" in names(drift(small))


def test_no_shape_is_pinned_where_nothing_is(small: SmallProject) -> None:
    rule = {"object": "* *", "reason": "everything", "owner": "nobody", "expires": "2099-01-01"}
    small.configure(prod={"drift": {"ignore": [rule]}})
    made = pin(context(small))
    assert (made.shape, made.identity is not None) == (None, True)
    with pytest.raises(Refused, match="nothing to compare"):
        drift_of(context(small))
