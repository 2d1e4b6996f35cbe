"""Runs of one release that end badly, and the plain reruns that must end where an undisturbed run does."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.config.project import Project
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from tests.support.projects import SmallProject, ask, everything, state_of
from tests.support.releases import STEPS, files

BOOKS = """
select (select string_agg(direction || migration || sha256, ' ' order by id) from pipeline.applied)
       || (select count(*) from pipeline.attempts)
"""


@dataclass(frozen=True)
class Place:
    """Where a release is applied again and again; ``empty`` leaves nothing, and nobody, in the database."""

    small: SmallProject
    project: Project
    empty: Callable[[], None]

    @classmethod
    def make(cls, small: SmallProject, format_name: str, empty: Callable[[], None]) -> "Place":
        """For the release in one format, without a rehearsal."""
        small.configure(prod={"protected": False})
        small.release(format_name, files(format_name))
        return cls(small, small.project(), empty)

    def run(self, run_id: str) -> int:
        """A plain run, in this process: how many migrations it applied."""
        return len(migrate(Request(self.project, "prod", self.small.environ, run_id)).applied)

    def told(self) -> object:
        """Where it ended: shape, rows, history in its order, our own books."""
        books = str(ask(self.small.prod, BOOKS))
        return {**state_of(self.small.prod, self.project.migrations.format), "books": books}

    def end(self) -> object:
        """Where an undisturbed run ends."""
        assert self.run("undisturbed") == len(STEPS)
        return self.told()

    def must_converge(self, number: int, end: object) -> None:
        """A plain rerun ends there; one more does not touch a row."""
        self.run(f"again-{number}")
        assert self.told() == end
        before = everything(self.small.prod)
        assert self.run(f"once-more-{number}") == 0
        assert everything(self.small.prod) == before
