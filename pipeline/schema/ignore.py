"""Leave out of a snapshot what is somebody else's: partitions that a job makes, another tool's tables.

Every comparison goes by the same rules, since all of them compare snapshots that went through here. A rule
has an end, so that what was hidden for a week is not hidden for years.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import NESTED, split_name

Value = TypeVar("Value")

_WILD = {"*": ".*", "?": "."}


@dataclass(frozen=True)
class Rule:
    """Hide the objects whose kind and name match ``pattern``: ``table partman.*``, ``* public.tmp_?``.

    ``*`` stands for any text, ``?`` for one character; case counts, and names are quoted where SQL would quote
    them. With a table, view or type goes all that is a part of it. ``expires`` is the last day of the rule.
    """

    pattern: str
    reason: str
    owner: str
    expires: date

    def holds(self, today: date) -> bool:
        """Whether the rule still counts."""
        return today <= self.expires


@dataclass(frozen=True)
class Masked:
    """A snapshot without what rules hide, and how many objects each rule that holds has hidden."""

    snapshot: Snapshot
    hidden: Mapping[Rule, int]


def mask(snapshot: Snapshot, rules: Sequence[Rule], *, today: date) -> Masked:
    """Apply the rules that hold today; an object that several of them hide counts for the first."""
    holding = [rule for rule in rules if rule.holds(today)]
    if not holding:
        return Masked(snapshot, {})
    by_key = _hidden_by(snapshot, holding)
    counts = dict.fromkeys(holding, 0)
    for rule in by_key.values():
        counts[rule] += 1
    return Masked(_without(snapshot, by_key), counts)


def _hidden_by(snapshot: Snapshot, rules: Sequence[Rule]) -> Mapping[ObjectKey, Rule]:
    matchers = [(_matcher(rule.pattern), rule) for rule in rules]
    found: dict[ObjectKey, Rule] = {}
    for key in snapshot.objects:
        rule = next((rule for matches, rule in matchers if matches.fullmatch(f"{key.kind} {key.name}")), None)
        if rule is not None:
            found[key] = rule
    wholes = {key.name: rule for key, rule in found.items() if key.kind not in NESTED | {"index"}}
    for key, properties in snapshot.objects.items():
        rule = next((wholes[name] for name in _wholes_of(key, properties) if name in wholes), None)
        if rule is not None:
            found.setdefault(key, rule)
    return found


def _wholes_of(key: ObjectKey, properties: Properties) -> Iterator[str]:
    """What the object is a part of, by name."""
    if table := properties.get("table"):
        yield table
    elif key.kind in NESTED:
        yield split_name(key.name)[0]
    elif key.kind == "sequence" and (column := properties.get("owned by")):
        yield split_name(column)[0]


def _without(snapshot: Snapshot, hidden: Mapping[ObjectKey, Rule]) -> Snapshot:
    columns = {key.name for key in hidden if key.kind in {"column", "attribute"}}
    wholes = {key.name for key in hidden if key.kind not in NESTED}
    order = {
        table: tuple(name for name in names if f"{table}.{name}" not in columns)
        for table, names in snapshot.column_order.items()
        if table not in wholes
    }
    return replace(
        snapshot,
        objects=_besides(snapshot.objects.items(), hidden),
        column_order=order,
        identities=_besides(snapshot.identities.items(), hidden),
    )


def _besides(
    items: Iterable[tuple[ObjectKey, Value]], hidden: Mapping[ObjectKey, Rule]
) -> dict[ObjectKey, Value]:
    return {key: value for key, value in items if key not in hidden}


def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_WILD.get(letter) or re.escape(letter) for letter in pattern), re.DOTALL)
