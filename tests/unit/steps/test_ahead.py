"""The next item is made as soon as there is time, and never a wrong one."""

import pytest

from pipeline.steps.ahead import Ahead


def test_the_items_come_in_order_whoever_made_them() -> None:
    made: list[int] = []

    def make(source: int) -> int:
        made.append(source)
        return source * 10

    ahead = Ahead(make, [1, 2, 3])
    ahead.make_next()
    ahead.make_next()
    assert made == [1]
    assert next(ahead) == 10
    assert next(ahead) == 20
    ahead.make_next()
    assert (made, list(ahead)) == ([1, 2, 3], [30])
    ahead.make_next()
    assert (made, list(ahead)) == ([1, 2, 3], [])


def test_what_fails_ahead_fails_when_it_is_asked_for() -> None:
    ahead = Ahead(lambda source: 1 // source, [1, 0, 1])
    assert next(ahead) == 1
    ahead.make_next()
    with pytest.raises(ZeroDivisionError):
        next(ahead)
