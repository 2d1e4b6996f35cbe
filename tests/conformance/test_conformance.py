"""We and the real tools, in turns on one database, leave what the real tool alone leaves."""

import os
from pathlib import Path

import pytest

from tests.conformance.case import Case, all_cases
from tests.conformance.drivers import DRIVERS
from tests.conformance.harness import prepared
from tests.conftest import lack
from tests.support.servers import TestServer

ALL = os.environ.get("PIPELINE_CONFORMANCE") == "1"
"""All cases, as ``make conformance`` wants them; else only the quick ones."""

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)


@pytest.mark.parametrize("case", [c for c in all_cases() if ALL or c.quick], ids=lambda case: case.name)
def test_neither_tool_notices_the_other(
    request: pytest.FixtureRequest, server: TestServer, case: Case, tmp_path: Path
) -> None:
    driver = DRIVERS[case.format_name]
    if driver.missing:
        lack(request.config, driver.missing)
    with prepared(case, driver, server, tmp_path) as run:
        run.steps()
