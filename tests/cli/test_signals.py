"""SIGINT and SIGTERM: 130, what was done is said, and a rerun goes on."""

import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.support.commands import Ended, argv, environment, pipeline
from tests.support.processes import living
from tests.support.projects import SmallProject, ask, everything

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

both_signals = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
BUILDING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"
VERSIONS = """
SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history WHERE version IS NOT NULL
"""


def heed_interrupts() -> None:
    """Whoever runs the tests in the background of a shell has them, and their children, ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def signalled(
    small: SmallProject,
    number: signal.Signals,
    when: Callable[[str], bool],
    *more: str,
    again_after: float = -1,
) -> Ended:
    """Promote, and send the signal as soon as a line of progress is the right one; again after some seconds."""
    process = subprocess.Popen(
        argv("promote", "prod", *more),
        cwd=small.root,
        env=environment(small.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # no thread of ours runs at this time
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if when(line):
            process.send_signal(number)
            if again_after >= 0:
                time.sleep(again_after)
                process.send_signal(number)
            break
    out, err = process.communicate()
    return Ended(process.returncode, out, "".join(said) + err)


def goes_on(small: SmallProject) -> None:
    again = pipeline(small.root, small.environ, "promote", "prod")
    assert again.code == 0, again.out + again.err
    assert ask(small.prod, VERSIONS) == "1 2 3 4 5 6 7"


@both_signals
def test_while_it_prepares(older: SmallProject, number: signal.Signals) -> None:
    before = everything(older.admin)
    ended = signalled(older, number, lambda line: line.startswith("✓ parity"))
    assert ended.code == 130, ended.err
    assert ended.out.startswith("INTERRUPTED")
    assert "PROD IS UNCHANGED" in ended.out
    assert everything(older.admin) == before
    goes_on(older)


def building(small: SmallProject, line: str) -> bool:
    """Whether an index is built after this line; waits for it."""
    if not line.startswith("  2/5"):
        return False
    while not ask(small.admin, BUILDING):
        time.sleep(0.01)  # the timeout of the test is the deadline
    return True


@both_signals
def test_while_it_applies(older: SmallProject, number: signal.Signals) -> None:
    with psycopg.connect(make_conninfo("", **older.prod.resolve())) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM people")  # the index build waits for us, so it cannot be missed
        ended = signalled(older, number, partial(building, older))
    assert ended.code == 130, ended.err
    assert ended.out.startswith("INTERRUPTED")
    assert "UNCHANGED" not in ended.out
    assert "2 → 4" in ended.out
    assert "stopped in the middle of 5" in ended.out
    assert "line 1: CREATE INDEX is half done" in ended.out
    assert "run again" in ended.out
    assert ask(older.prod, VERSIONS) == "1 2 3 4"
    goes_on(older)


@both_signals
def test_as_a_document(older: SmallProject, number: signal.Signals) -> None:
    ended = signalled(older, number, lambda line: line.startswith("✓ parity"), "--format", "json")
    assert ended.code == 130, ended.err
    assert ended.document["outcome"] == "interrupted"


AT_MOMENTS = {
    "while it prepares": "✓ backup",
    "while it rehearses": "✓ parity",
    "while it applies": "  3/5",
    "at the end": "✓ verify",
}


@pytest.mark.parametrize("again_after", [0.0, 0.1])
@pytest.mark.parametrize("moment", AT_MOMENTS)
def test_twice(older: SmallProject, moment: str, again_after: float) -> None:
    line = AT_MOMENTS[moment]
    ended = signalled(older, signal.SIGTERM, lambda said: said.startswith(line), again_after=again_after)
    assert ended.code == 130 or (moment == "at the end" and ended.code == 0), ended.err
    assert "Traceback" not in ended.err
    goes_on(older)
    while living(str(older.root)):
        time.sleep(0.05)  # the timeout of the test is the deadline
