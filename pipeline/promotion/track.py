"""The thread through a run: every step is timed, journaled and announced, whatever becomes of it."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from pipeline.errors import PipelineError, Refused
from pipeline.progress import Listener, Ran, Status, StepResult
from pipeline.promotion.earlier import BEGUN, ENDED
from pipeline.promotion.journal import Journal
from pipeline.steps.deadline import Deadline


@dataclass
class Note:
    """What a step leaves behind for people to read."""

    summary: str = ""
    programs: Sequence[Ran] = ()


@dataclass
class Track:
    """The steps of one run, as they happened; without a journal for acts that only look."""

    journal: Journal | None
    listener: Listener
    deadline: Deadline
    results: list[StepResult] = field(default_factory=list[StepResult])
    current: str = ""

    def begun(self, **facts: object) -> None:
        """The run begins."""
        self._write(BEGUN, **facts)

    def ended(self, outcome: str, exit_code: int) -> None:
        """The run is over."""
        self._write(ENDED, outcome=outcome, exit_code=exit_code)
        self.close()

    def close(self) -> None:
        """Nothing more is written down."""
        if self.journal:
            self.journal.close()

    @property
    def lines(self) -> Sequence[str]:
        """What was written down until now."""
        return self.journal.lines if self.journal else ()

    @contextmanager
    def step(self, name: str, title: str) -> Generator[Note]:
        """One named step. Its start is on disk before it acts, its end before the next one starts.

        Raises Failed, before it begins, when the run has taken too long.
        """
        self.deadline.must_not_have_passed()
        note = Note()
        started = perf_counter()
        self.current = name
        self._write("started", step=name)
        self.listener.started(name, title)
        status = Status.FAILED
        try:
            yield note
            status = Status.PASSED
        except Refused as error:
            status, note.summary = Status.REFUSED, error.what
            raise
        except PipelineError as error:
            note.summary = error.what
            raise
        finally:
            took = (perf_counter() - started) * 1000
            result = StepResult(name, status, took, note.summary, tuple(note.programs))
            self.results.append(result)
            self._write("finished", step=name, status=status.value, summary=note.summary)
            self.listener.finished(result)

    def _write(self, event: str, **facts: object) -> None:
        if self.journal:
            self.journal.write(event, **facts)
