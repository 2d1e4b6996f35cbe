"""A ledger on a real server, as the role that owns the database."""

from collections.abc import Generator

import pytest

from pipeline.postgres.target import Target
from tests.postgres.formats.places import PLACES, Kept, Place, kept


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    """Every format, with its ledger where it is by default and where all names need quoting."""
    return PLACES[request.param]


@pytest.fixture
def here(owner: Target, place: Place) -> Generator[Kept]:
    """That ledger, not created yet."""
    with kept(owner, place) as ledger:
        yield ledger
