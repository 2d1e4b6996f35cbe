"""Our limits are read back: a server, or something before it, that keeps other ones is refused."""

from datetime import timedelta

import pytest

from pipeline.errors import Refused
from pipeline.postgres.connect import SETTINGS, connected
from pipeline.postgres.limits import spelt
from pipeline.postgres.target import Target
from tests.support.proxy import forged
from tests.support.sites import ask, site

SPELT = {
    timedelta(milliseconds=50): "50ms",
    timedelta(milliseconds=62.5): "62ms",
    timedelta(milliseconds=1000): "1s",
    timedelta(milliseconds=1500): "1500ms",
    timedelta(seconds=90): "90s",
    timedelta(minutes=15): "15min",
    timedelta(hours=6): "6h",
    timedelta(days=2): "2d",
    timedelta(microseconds=1): "1ms",
}


@pytest.mark.parametrize("limit", SPELT)
def test_a_limit_is_spelt_as_the_server_spells_it(database: Target, limit: timedelta) -> None:
    assert spelt(limit) == SPELT[limit]
    query = f"select set_config('lock_timeout', '{limit / timedelta(milliseconds=1)}ms', true)"
    if limit >= timedelta(milliseconds=1):
        assert ask(database, query) == [(SPELT[limit],)]


def test_what_is_in_force_is_what_the_server_says(owner: Target) -> None:
    with connected(owner) as session:
        found = {name: ask_here for name in session.settings for (ask_here,) in session.connection.execute(
            "select pg_catalog.current_setting(%s)", [name]
        )}  # fmt: skip
    assert session.settings == found
    assert session.settings.items() <= {name: value for name, (value, _) in SETTINGS.items()}.items()


@pytest.mark.parametrize(
    ("said", "heard", "name"),
    [("10s", "99s", "lock_timeout"), (",1s", ",9s", "client_connection_check_interval")],
)
def test_a_session_that_keeps_another_setting_is_refused(
    owner: Target, said: str, heard: str, name: str
) -> None:
    with (
        forged(owner, said, heard) as line,
        pytest.raises(Refused, match="does not keep our") as refusal,
        connected(line),
    ):
        pytest.fail("it was accepted")
    assert name in refusal.value.what


@pytest.mark.parametrize(("said", "heard"), [("50ms", "59ms"), ("15min", "95min")])
def test_a_script_that_would_run_under_other_limits_is_refused(owner: Target, said: str, heard: str) -> None:
    with (
        forged(owner, f"'{said}'", f"'{heard}'") as line,
        site(line) as at,
        pytest.raises(Refused, match=r"does not keep our (lock|statement)_timeout"),
    ):
        at.up("1", "create table a (id int)")
    assert ask(owner, "select to_regclass('public.a') is null") == [(True,)]
