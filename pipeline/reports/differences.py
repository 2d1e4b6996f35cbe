"""Differences between two schemas as a reviewer reads them: by table, view or type, in text, Markdown and JSON.

Names and values are anybody's: in text nothing of them moves a cursor, in Markdown they stand in code spans and
fences that are longer than any within, and in HTML they are escaped.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import Final

from pipeline.schema.diff import SETTING, Change, Difference, is_soft, place
from pipeline.schema.model import ObjectKey
from pipeline.schema.words import in_words_within, shown_name, telling, visible, without_public, worth_saying

MARKS: Final = {
    Change.ADDED: "+",
    Change.REMOVED: "-",
    Change.RENAMED: "~",
    Change.CHANGED: "~",
    Change.REORDERED: "~",
}
MOST_LINES: Final = 200
"""How many lines of one definition's difference Markdown shows."""

MOST_CHARACTERS: Final = 60_000
"""How long Markdown becomes: a comment on GitHub holds 65,536 characters."""

_SOFT: Final = "told, but no drift: the order of columns, and what the server itself prints otherwise"
_SETTINGS: Final = "settings that sessions start with"


@dataclass(frozen=True)
class Group:
    """Differences of one whole: a table with its parts, or an object of its own."""

    kind: str
    name: str
    differences: tuple[Difference, ...]

    @property
    def own(self) -> Difference | None:
        """What happened to the whole as such: it is new, gone or renamed."""
        first = self.differences[0]
        whole = first.within is None and first.property is None and first.change is not Change.REORDERED
        return first if whole else None

    @property
    def rest(self) -> tuple[Difference, ...]:
        """What happened to its parts and properties."""
        return self.differences[1:] if self.own else self.differences


def text(differences: Sequence[Difference]) -> str:
    """Groups with a line for each difference; the softer ones and settings apart. Empty when there is none."""
    lines = [line for section in _sections(differences) for line in _section_in_text(section)]
    return "\n".join(lines)


def markdown(differences: Sequence[Difference]) -> str:
    """The same for a comment on a pull request, with long definitions folded away."""
    blocks: list[str] = []
    groups = [(heading, group) for heading, groups in _sections(differences) for group in groups]
    length = 0
    for number, (heading, group) in enumerate(groups):
        new = [f"### {heading}"] if heading and (not number or groups[number - 1][0] != heading) else []
        new.append(_group_in_markdown(group))
        length += sum(len(block) + 2 for block in new)
        if length > MOST_CHARACTERS:
            blocks.append(f"… and {len(groups) - number} more objects")
            break
        blocks += new
    return "\n\n".join(blocks)


def document(differences: Iterable[Difference]) -> list[dict[str, object]]:
    """Every difference as plain data, in order; names are whole, values as they are."""
    return [
        {
            "change": one.change.value,
            "kind": one.key.kind,
            "name": one.key.name,
            "property": one.property,
            "before": one.before,
            "after": one.after,
            "within": one.within,
            "implied": one.implied,
            "soft": is_soft(one),
            "because": one.because,
        }
        for one in differences
    ]


_Section = tuple[str, Sequence[Group]]


def _sections(differences: Sequence[Difference]) -> Iterator[_Section]:
    """What counts, what is softer, settings; each by group."""
    settings = [one for one in differences if one.key.kind == SETTING]
    others = [one for one in differences if one.key.kind != SETTING]
    hard = [one for one in others if not is_soft(one)]
    soft = [one for one in others if is_soft(one)]
    for heading, section in (("", hard), (_SOFT, soft), (_SETTINGS, settings)):
        if section:
            yield heading, _groups(worth_saying(section))


def _groups(differences: Sequence[Difference]) -> Sequence[Group]:
    found: dict[str, list[Difference]] = {}
    for one in differences:
        found.setdefault(_home(one), []).append(one)
    groups = [_group(members) for members in found.values()]
    return sorted(groups, key=lambda group: place(Difference(Change.ADDED, ObjectKey(group.kind, group.name))))


def _home(difference: Difference) -> str:
    """What tells one whole from another: the name, since tables, views and types share their names."""
    key = difference.key
    if difference.within is not None:
        return f"whole {difference.within}"
    return f"whole {key.name}" if key.kind in _WHOLES else f"{key.kind} {key.name}"


_WHOLES: Final = frozenset({"table", "foreign table", "view", "materialized view", "type", "domain"})


def _group(members: Sequence[Difference]) -> Group:
    first = members[0]
    kinds = [one.key.kind for one in members if one.within is None] or [one.whole or "" for one in members]
    name = first.key.name if first.within is None else first.within
    own = [one for one in members if one.within is None]
    parts = [one for one in members if one.within is not None]
    own.sort(key=lambda one: (one.property is not None, place(one)))
    return Group(kinds[0], name, (*own, *sorted(parts, key=place)))


def _heading(group: Group) -> tuple[str, str]:
    """The mark, and the words of a group's first line."""
    if group.own is None:
        return "~", f"{group.kind} {shown_name(ObjectKey(group.kind, group.name))}".strip()
    name = group.own.before or "" if group.own.change is Change.RENAMED else group.name
    words = f"{group.kind} {visible(without_public(name))}"
    return MARKS[group.own.change], f"{words} {telling(group.own)}"


def _section_in_text(section: _Section) -> Iterator[str]:
    heading, groups = section
    if heading:
        yield f"{heading}:"
    for group in groups:
        mark, words = _heading(group)
        yield f"{mark} {words}"
        yield from (f"    {MARKS[one.change]} {in_words_within(one)}" for one in group.rest)


def _group_in_markdown(group: Group) -> str:
    mark, words = _heading(group)
    lines = [f"- {code(f'{mark} {words}')}"]
    lines += [f"  - {code(f'{MARKS[one.change]} {in_words_within(one)}')}" for one in group.rest]
    folded = [_folded(one) for one in group.rest if _is_long(one)]
    return "\n\n".join(["\n".join(lines), *folded])


def _is_long(one: Difference) -> bool:
    return one.before is not None and one.after is not None and "\n" in one.before + one.after


def _folded(one: Difference) -> str:
    before, after = ((side or "").split("\n") for side in (one.before, one.after))
    compared = islice(unified_diff(before, after, lineterm="", n=3), 2, None)
    lines = list(islice(compared, MOST_LINES))
    if len(lines) == MOST_LINES:
        lines.append("…")
    title = html.escape(f"{one.key.kind} {shown_name(one.key)}: {visible(one.property or '')}")
    opening = f"<details><summary><code>{title}</code></summary>"
    return "\n".join([opening, "", fenced("\n".join(lines), "diff"), "", "</details>"])


def fenced(text: str, language: str = "sql") -> str:
    """The text in a fence that nothing in it can end."""
    lines = [visible(line) for line in text.rstrip("\n").split("\n")]
    fence = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def code(line: str) -> str:
    """The line in a code span that nothing in it can end."""
    ticks = "`" * (_longest_run(line) + 1)
    return f"{ticks} {line} {ticks}" if line[:1] in "` " or line[-1:] in "` " else f"{ticks}{line}{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
