"""Differences in the words of a reviewer: ``column orders.total: integer → bigint``.

Names of the schema ``public`` go without it: every kind either always has a schema or never, so that nothing
else can be meant. Whatever a name or a value holds, the words stay on one line and hold no control character.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile, zip_longest

from pipeline.schema import lists
from pipeline.schema.diff import SETTING, Change, Difference
from pipeline.schema.model import ObjectKey
from pipeline.schema.names import NESTED, last_part, split_schema

_LONG = 60
_OPTIONS = frozenset({"options", "toast options", "index options"})
_COLUMNS = frozenset({"column", "attribute"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def in_words(difference: Difference) -> str:
    """One line for people: ``column orders.total: integer → bigint``."""
    return _line(f"{difference.key.kind} {shown_name(difference.key)}", difference)


def in_words_within(difference: Difference) -> str:
    """The same below a heading that names the whole: ``column total: integer → bigint``."""
    key = difference.key
    if difference.within is None:
        return telling(difference)
    return _line(f"{key.kind} {visible(_own(*key))}", difference)


def summarise(differences: Iterable[Difference]) -> tuple[str, ...]:
    """Lines for people, without what goes without saying; empty only where there is no difference."""
    return tuple(in_words(one) for one in worth_saying(tuple(differences)))


def worth_saying(differences: Sequence[Difference]) -> Sequence[Difference]:
    """The differences without those that follow: parts of what is new or gone, texts that say a new name."""
    wholes = {
        (one.change, one.key.name)
        for one in differences
        if one.within is None and one.change in (Change.ADDED, Change.REMOVED)
    }
    told = [one for one in differences if not one.implied and (one.change, one.within) not in wholes]
    return told or differences


def telling(difference: Difference) -> str:
    """What happened, without what it happened to: ``integer → bigint``, ``added``, ``renamed to total``."""
    match difference.change:
        case Change.RENAMED:
            return _renamed(difference)
        case Change.REORDERED:
            return visible(f"columns reordered, {difference.before} → {difference.after}")
        case Change.CHANGED:
            words = _changed(difference)
            return f"{words} ({difference.because})" if difference.because else words
        case Change.ADDED | Change.REMOVED:
            essence = difference.after if difference.change is Change.ADDED else difference.before
            return f"{difference.change}: {_cut(essence)}" if essence else f"{difference.change}"


def shown_name(key: ObjectKey) -> str:
    """The name for people: without the schema ``public``, and nothing in it that cannot be seen."""
    return visible(without_public(key.name))


def without_public(name: str) -> str:
    """The name as a session of a fresh database would say it."""
    return name.removeprefix("public.")


def visible(text: str) -> str:
    """The text on one line: what is no letter, sign or space reads as its code."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_code(sign) if unicodedata.category(sign) in _UNSEEN else sign for sign in text)


def _code(sign: str) -> str:
    number = ord(sign)
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(sign)
    return short or (f"\\x{number:02x}" if number < 256 else f"\\u{{{number:x}}}")  # noqa: PLR2004  # one byte


def _line(name: str, difference: Difference) -> str:
    if difference.change is Change.RENAMED:
        name = _old_name(name, difference)
    between = " " if difference.property is None and difference.change is not Change.REORDERED else ": "
    return f"{name}{between}{telling(difference)}"


def _old_name(name: str, difference: Difference) -> str:
    """What was renamed reads as it was called before, within a whole as that is called now."""
    kind, _ = difference.key
    new, old = (visible(_own(kind, one or "")) for one in (difference.after, difference.before))
    return name.removesuffix(new) + old


def _own(kind: str, name: str) -> str:
    """The name of a part below the name of its whole."""
    return last_part(name) if kind in NESTED else without_public(name)


def _renamed(difference: Difference) -> str:
    old, new = difference.before or "", difference.after or ""
    if difference.key.kind in NESTED:
        return f"renamed to {visible(last_part(new))}"
    was, now = split_schema(old), split_schema(new)
    if was and now and was[1] == now[1]:
        return f"moved to schema {visible(now[0])}"
    return f"renamed to {visible(without_public(new))}"


def _changed(difference: Difference) -> str:
    kind, name = difference.key.kind, difference.property or ""
    before, after = difference.before, difference.after
    if kind == SETTING or (kind in _COLUMNS and name == "type"):
        return _from_to("", before, after)
    if kind in _COLUMNS and name == "not null" and {before, after} == {"yes", "no"}:
        return "now NOT NULL" if after == "yes" else "no longer NOT NULL"
    lines = _lines(name, before or "", after or "", in_place=difference.in_place)
    return visible("; ".join(lines)) if lines else _from_to(f"{visible(name)} ", before, after)


def _lines(name: str, before: str, after: str, *, in_place: bool) -> Sequence[str]:
    """What happened to a list, in parts; nothing where it is none."""
    what, _, column = name.partition(" of ")
    if what == "acl":
        told = lists.privileges(before, after)
        return [f"{words} on column {column}" for words in told] if column else told
    if name == "labels":
        return lists.labels(before, after, in_place=in_place)
    if name in _OPTIONS:
        return [f"{name}: {words}" for words in lists.options(before, after)]
    return ()


def _from_to(name: str, before: str | None, after: str | None) -> str:
    where, was, now = _shortened(before, after)
    return f"{name}{where}differs in white space" if was == now else f"{name}{where}{was} → {now}"


def _shortened(before: str | None, after: str | None) -> tuple[str, str, str]:
    """Both texts on one line; of long ones, where they first differ, and that place in words."""
    if before is None or after is None:
        return "", _cut(before), _cut(after)
    if max(len(before), len(after)) <= _LONG and "\n" not in before + after:
        return "", _cut(before), _cut(after)
    lines = zip_longest(before.split("\n"), after.split("\n"))
    number, (was, now) = next(
        ((number, pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]), (0, (before, after))
    )
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was or "", now or "", strict=False)))
    start = max(0, alike - _LONG // 3)
    where = f"line {number}: " if number > 1 else ""
    return where, _cut(was, start), _cut(now, start)


def _cut(text: str | None, start: int = 0) -> str:
    if text is None:
        return "(none)"
    line = visible(" ".join(text[start:].split()))
    begin = "…" if start else ""
    return f"{begin}{line[:_LONG]}…" if len(line) > _LONG else f"{begin}{line}" or "(empty)"
