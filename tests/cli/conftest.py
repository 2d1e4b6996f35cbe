"""The small project of the scenarios, called from the command line."""

from collections.abc import Callable

import pytest

from tests.scenarios.conftest import older, small
from tests.support.commands import Ended, pipeline
from tests.support.projects import SmallProject

__all__ = ["older", "small"]

Call = Callable[..., Ended]


@pytest.fixture
def call(small: SmallProject) -> Call:
    """``call("promote", "prod")`` in the project's folder, with its URL in the environment."""

    def run(*arguments: str, stdin: str = "") -> Ended:
        return pipeline(small.root, small.environ, *arguments, stdin=stdin)

    return run
