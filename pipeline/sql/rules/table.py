"""The table of rules: what each is called, which scripts it looks at, and the function that asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.findings import Finding
from pipeline.sql.rules import care, transactions, waiting
from pipeline.sql.rules.facts import Facts
from pipeline.sql.subject import Direction


@dataclass(frozen=True)
class Rule:
    """One rule; ``down`` says whether it has something to say about down scripts too."""

    name: str
    ask: Callable[[Facts], Iterator[Finding]]
    down: bool = False

    @property
    def meaning(self) -> str:
        """What the rule looks for, in one sentence."""
        return (self.ask.__doc__ or "").strip()

    def applies(self, direction: Direction) -> bool:
        """Whether the rule looks at scripts of that direction."""
        return self.down or direction is Direction.UP


RULES: tuple[Rule, ...] = (
    Rule("mixed-transaction", transactions.mixed_transaction, down=True),
    Rule("several-concurrent", transactions.several_concurrent, down=True),
    Rule("unknown-outcome", transactions.unknown_outcome, down=True),
    Rule("transaction-control", transactions.transaction_control, down=True),
    Rule("session-state", transactions.session_state, down=True),
    Rule("concurrently-if-not-exists", transactions.concurrently_if_not_exists, down=True),
    Rule("index-not-concurrent", waiting.index_not_concurrent),
    Rule("not-null-without-default", waiting.not_null_without_default),
    Rule("rewrite", waiting.rewrite),
    Rule("foreign-key-not-valid", waiting.foreign_key_not_valid),
    Rule("drop", care.drop),
    Rule("no-way-back", care.no_way_back),
    Rule("one-change", care.one_change),
    Rule("unexamined", care.unexamined, down=True),
)
