"""Things that are made one after the other, the next one as soon as there is time for it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Ahead(Generic[S, T]):
    """An iterator whose next item may be made before it is asked for; never more than one."""

    def __init__(self, make: Callable[[S], T], sources: Sequence[S]) -> None:
        """Make nothing yet."""
        self._make = make
        self._sources = sources
        self._taken = 0
        self._made: list[T] = []

    def make_next(self) -> None:
        """Make the next item, unless it is made already or there is none; who asks for it learns what fails."""
        if not self._made and self._taken < len(self._sources):
            with suppress(Exception):
                self._made.append(self._make(self._sources[self._taken]))

    def __iter__(self) -> Iterator[T]:
        """Itself."""
        return self

    def __next__(self) -> T:
        """The item that was made, or one that is made now. Raises what making it raises."""
        if self._taken == len(self._sources):
            raise StopIteration
        made = self._made.pop() if self._made else self._make(self._sources[self._taken])
        self._taken += 1
        return made
