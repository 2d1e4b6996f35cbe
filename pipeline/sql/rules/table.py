"""The table of rules: what each is called, which scripts it looks at, and the function that asks."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.findings import Finding
from pipeline.sql.rules import care, transactions, waiting
from pipeline.sql.rules.facts import Facts
from pipeline.sql.subject import Direction

WAY_UP = frozenset({Direction.UP})
BOTH_WAYS = frozenset({Direction.UP, Direction.DOWN})
ALL = frozenset(Direction)


class Rule(NamedTuple):
    """One rule, and the scripts that it has something to say about."""

    name: str
    ask: Callable[[Facts], Iterator[Finding]]
    scripts: frozenset[Direction] = WAY_UP

    @property
    def meaning(self) -> str:
        """What the rule looks for, in one sentence."""
        return (self.ask.__doc__ or "").strip()

    def applies(self, direction: Direction) -> bool:
        """Whether the rule looks at scripts of that direction."""
        return direction in self.scripts


RULES: tuple[Rule, ...] = (
    Rule("mixed-transaction", transactions.mixed_transaction, BOTH_WAYS),
    Rule("several-concurrent", transactions.several_concurrent, BOTH_WAYS),
    Rule("unknown-outcome", transactions.unknown_outcome, BOTH_WAYS),
    Rule("transaction-control", transactions.transaction_control, ALL),
    Rule("session-state", transactions.session_state, BOTH_WAYS),
    Rule("concurrently-if-not-exists", transactions.concurrently_if_not_exists, BOTH_WAYS),
    Rule("index-not-concurrent", waiting.index_not_concurrent),
    Rule("not-null-without-default", waiting.not_null_without_default),
    Rule("rewrite", waiting.rewrite),
    Rule("foreign-key-not-valid", waiting.foreign_key_not_valid),
    Rule("drop", care.drop),
    Rule("no-way-back", care.no_way_back),
    Rule("one-change", care.one_change),
    Rule("unexamined", care.unexamined, ALL),
)
