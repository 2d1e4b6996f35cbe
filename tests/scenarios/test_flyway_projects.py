"""A whole promotion of a Flyway project with callbacks, its own settings file and placeholders."""

import pytest

from pipeline.findings import ClaimName
from pipeline.proof import Outcome
from tests.support.projects import SmallProject, ask, promote

COUNTED = "select string_agg(said, ' ' order by id) from calls"
CALLS = {
    "beforeMigrate.sql": "create table if not exists calls (id serial primary key, said text);\n",
    "afterVersioned.sql": "insert into calls (said) values ('versioned');\n",
    "afterMigrate.sql": "insert into calls (said) values ('${flyway:user} ${owner}');\n"
    "create or replace view called as select said from calls;\n",
}


def with_callbacks(small: SmallProject) -> SmallProject:
    (small.root / "flyway.conf").write_text("flyway.placeholders.owner=ann\n")
    for name, text in CALLS.items():
        (small.migrations / name).write_text(text)
    return small


def test_callbacks_are_rehearsed_and_run_and_all_claims_hold(small: SmallProject) -> None:
    made = promote(with_callbacks(small))
    assert (made.outcome, made.stopped) == (Outcome.PROMOTED, None)
    assert {claim.name: claim.holds for claim in made.claims} == dict.fromkeys(ClaimName, True)
    user = small.prod.resolve()["user"]
    assert ask(small.prod, COUNTED) == f"versioned {user} ann"


def test_a_callback_that_fails_is_found_in_the_rehearsal(small: SmallProject) -> None:
    (with_callbacks(small).migrations / "afterMigrate.sql").write_text("select 1/0;\n")
    made = promote(small)
    assert (made.outcome, made.exit_code) == (Outcome.REFUSED, 3)
    assert ask(small.prod, "select to_regclass('calls') is null") is True


@pytest.mark.parametrize("event", ["afterMigrate", "beforeEachMigrate"])
def test_a_callback_that_would_end_its_transaction_stops_before_anything_is_run(
    small: SmallProject, event: str
) -> None:
    (small.migrations / f"{event}.sql").write_text("select 1;\ncommit;\nselect 2;\n")
    made = promote(small)
    assert (made.outcome, made.exit_code) == (Outcome.REFUSED, 3)
    assert made.stopped is not None
    assert "COMMIT in a callback takes it apart" in made.stopped.what
    assert made.stopped.where == f"migrations/{event}.sql:2:1"


def test_a_script_that_only_flyway_can_run_stops_at_once(small: SmallProject) -> None:
    (small.migrations / "V99__x.sh").write_text("echo 1\n")
    made = promote(small)
    assert (made.outcome, made.exit_code) == (Outcome.REFUSED, 3)
    assert "a script migration" in str(made.stopped)
