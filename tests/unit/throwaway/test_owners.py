import os
from dataclasses import replace

import pytest

from pipeline.throwaway.owners import STRANGERS_AFTER, Owner, ourselves


def test_we_are_not_gone() -> None:
    assert not ourselves().is_gone()


def test_what_is_written_of_an_owner_is_read_again() -> None:
    us = ourselves()
    assert Owner.from_text(us.to_text()) == us


@pytest.mark.parametrize("text", ["", "yes", "[]", "{}", '{"pid": 1}'])
def test_what_somebody_else_wrote_has_no_owner(text: str) -> None:
    assert Owner.from_text(text) is None


def test_a_process_id_that_nobody_has_is_gone() -> None:
    assert replace(ourselves(), pid=(1 << 22) + 1).is_gone()


def test_a_later_process_with_the_same_id_is_somebody_else() -> None:
    if ourselves().started:
        assert replace(ourselves(), started="1").is_gone()
    assert os.getpid() == ourselves().pid


def test_everybody_from_before_a_reboot_is_gone() -> None:
    assert replace(ourselves(), boot="another").is_gone()


def test_a_process_that_we_cannot_see_lives_until_it_is_surely_abandoned() -> None:
    stranger = replace(ourselves(), realm="another machine", pid=(1 << 22) + 1)
    assert not stranger.is_gone()
    assert replace(stranger, since=stranger.since - STRANGERS_AFTER.total_seconds() - 1).is_gone()
