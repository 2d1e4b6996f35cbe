"""A folder that servers of every user can reach."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.processes import open_folder


@pytest.fixture
def base() -> Generator[Path]:
    with open_folder() as folder:
        yield folder
