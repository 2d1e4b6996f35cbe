"""Call a release's callbacks at the events of a run, on the connection that applies its migrations."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.formats.model import Event
from pipeline.postgres.executor import Executor
from pipeline.steps.prepare import Called, Prepared


@dataclass
class Calls:
    """The callbacks of one run. Each method says whether it called one, and raises as a migration does."""

    executor: Executor
    callbacks: Sequence[Called]
    past_versioned: bool = False

    def at(self, event: Event) -> bool:
        """Call those of an event, in order."""
        due = [called for called in self.callbacks if called.event is event]
        for called in due:
            self.executor.call(called.part)
        return bool(due)

    def before(self, prepared: Prepared) -> bool:
        """Call what is due before this migration: where the first repeatable follows the versioned ones."""
        if not prepared.repeatable or self.past_versioned:
            return False
        versioned = self.behind_versioned()
        return self.at(Event.REPEATABLES) or versioned

    def behind_versioned(self) -> bool:
        """Call what is due behind the last versioned migration, once."""
        called = False if self.past_versioned else self.at(Event.VERSIONED)
        self.past_versioned = True
        return called

    def end(self) -> bool:
        """Call what is due at the end of a run that went well."""
        versioned = self.behind_versioned()
        return self.at(Event.END) or versioned
