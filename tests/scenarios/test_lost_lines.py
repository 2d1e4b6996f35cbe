"""The line to prod is lost at a COMMIT of a promotion: what is said of it is true, and a rerun converges."""

import re

import pytest

from pipeline.errors import ExitCode
from pipeline.proof import Evidence
from tests.support.projects import URL, SmallProject, ask, promote, url_of
from tests.support.proxy import Breaks, proxied
from tests.support.stages import Stage, must_converge
from tests.support.torture import tortured

OF_OUR_BOOKS, OF_A_MIGRATION, OF_A_BUILD, OF_THE_END = 1, 3, 6, 9
COMMITS = [OF_OUR_BOOKS, OF_A_MIGRATION, OF_A_BUILD, OF_THE_END]
ALL = range(1, 12)
"""As many as there are from the first to the last."""
TOLD = re.compile(r"lost at COMMIT of (\S+), which is (not )?applied")

pytestmark = [pytest.mark.acceptance("AT-04"), pytest.mark.timeout(300)]


def must_be_true(said: Evidence, small: SmallProject) -> None:
    """The server is reached again, so that nobody may leave open what became of a migration."""
    assert said.stopped is not None
    assert said.exit_code != ExitCode.UNKNOWN, said.stopped
    if told := TOLD.search(said.stopped.what):
        row = f"select count(*) from flyway_schema_history where success and version = '{told[1]}'"
        assert ask(small.admin, row) == (0 if told[2] else 1), said.stopped


@pytest.mark.parametrize("breaks", [Breaks.BEFORE, Breaks.AFTER])
@pytest.mark.parametrize("number", ALL if tortured() else COMMITS)
def test_a_promotion_that_loses_its_line_at_a_commit_says_what_is_true(
    stage: Stage, copied: SmallProject, number: int, breaks: Breaks
) -> None:
    direct = copied.environ[URL]
    with proxied(copied.prod, "commit\0", breaks, times=number) as (line, proxy):
        copied.environ[URL] = url_of(line)
        said = promote(copied)
        assert proxy.broken.wait(10)
    must_be_true(said, copied)
    copied.environ[URL] = direct
    must_converge(copied, stage.end)
