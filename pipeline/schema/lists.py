"""Properties that are lists, in words: who gained which privileges, which label or option is new or gone.

Each function gives nothing where it cannot tell for certain; both texts say it then.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

_ROLE = r'(?:"(?:[^"]|"")*"|[^"=;/,\s]+)'
_PRIVILEGE = r"[A-Z]+(?: [A-Z]+)*\*?"
_ENTRY = re.compile(
    rf"(?P<lacking>-?)(?P<grantee>{_ROLE})=(?P<privileges>{_PRIVILEGE}(?:,{_PRIVILEGE})*)(?:/(?P<grantor>{_ROLE}))?"
)
_LABEL = re.compile(r"'(?:[^']|'')*'")
_OPTION = re.compile(r"[\w.]+=[^,]*")

Held = Mapping[str, bool]
"""Privileges of one grantee: beyond the default or, as ``-EXECUTE``, lacking; whether with grant option."""


def privileges(before: str, after: str) -> Sequence[str]:
    """Who gained and who lost what, from two canonical ACLs."""
    was, now = _held(before), _held(after)
    if was is None or now is None:
        return ()
    return [
        words
        for who in sorted(was.keys() | now.keys())
        for words in _of(who, was.get(who, {}), now.get(who, {}))
    ]


def labels(before: str, after: str, *, in_place: bool) -> Sequence[str]:
    """Which labels of an enum are new, gone, renamed or in another order.

    ``in_place``: it is the same type, which loses no label ever, so that one that is gone was renamed.
    """
    old: list[str] = _LABEL.findall(before)
    new: list[str] = _LABEL.findall(after)
    renamed = _renamed(old, new) if in_place else dict[str, str]()
    told = [f"label {was} renamed to {now}" for was, now in renamed.items()]
    known = [renamed.get(label, label) for label in old]
    if in_place and set(known) - set(new):
        return ()
    return [*told, *_by_name(known, new)]


def options(before: str, after: str) -> Sequence[str]:
    """Which storage options were set, reset or changed."""
    was, now = _values(before), _values(after)
    if was is None or now is None:
        return ()
    return [
        f"{name} reset (was {was[name]})"
        if name not in now
        else f"{name} {was[name]} → {now[name]}"
        if name in was
        else f"{name} set to {now[name]}"
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name)
    ]


def _held(acl: str) -> Mapping[str, Held] | None:
    """What each grantee holds; a grantor other than the owner is said with the grantee."""
    entries = list(_ENTRY.finditer(acl))
    if "; ".join(entry[0] for entry in entries) != acl:
        return None
    held: dict[str, dict[str, bool]] = defaultdict(dict)
    for entry in entries:
        who = f"{entry['grantee']} (from {entry['grantor']})" if entry["grantor"] else entry["grantee"]
        for privilege in entry["privileges"].split(","):
            name = privilege.rstrip("*")
            if {name, f"-{name}"} & held[who].keys():
                return None
            held[who][entry["lacking"] + name] = privilege.endswith("*")
    return held


def _of(who: str, had: Held, has: Held) -> Iterator[str]:
    if "ALL" in had.keys() ^ has.keys() and had and has:
        yield f"{who} has {_list(has)}, had {_list(had)}"
        return
    new = {name: option for name, option in has.items() if name not in had}
    gone = {name: option for name, option in had.items() if name not in has}
    for word, granted, lacking in (("gained", new, gone), ("lost", gone, new)):
        names = [_privilege(name, option) for name, option in granted.items() if name[0] != "-"]
        names += [name[1:] for name in lacking if name[0] == "-"]
        if names:
            yield f"{who} {word} {', '.join(sorted(names))}"
    for name in had.keys() & has.keys():
        if had[name] != has[name]:
            yield f"{who} {'may now' if has[name] else 'may no longer'} grant {name}"


def _list(held: Held) -> str:
    return ", ".join(
        f"no {name[1:]}" if name[0] == "-" else _privilege(name, option) for name, option in held.items()
    )


def _privilege(name: str, option: bool) -> str:
    return f"{name} with grant option" if option else name


def _by_name(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for label in old:
        if label not in new:
            yield f"label {label} removed"
    for number, label in enumerate(new):
        if label not in old:
            yield f"label {label} added {f'after {new[number - 1]}' if number else 'as the first'}"
    if [label for label in old if label in new] != [label for label in new if label in old]:
        yield f"labels reordered, {', '.join(old)} → {', '.join(new)}"


def _renamed(old: Sequence[str], new: Sequence[str]) -> Mapping[str, str]:
    """Old labels and new ones, where as many stand between two that stayed as before."""
    renamed: dict[str, str] = {}
    before, after = _runs(old, set(new)), _runs(new, set(old))
    if [kept for kept, _ in before] == [kept for kept, _ in after]:
        for (_, was), (_, now) in zip(before, after, strict=True):
            if len(was) == len(now):
                renamed.update(zip(was, now, strict=True))
    return renamed


def _runs(every: Sequence[str], kept: set[str]) -> list[tuple[str, list[str]]]:
    """The labels that follow each one that is kept, up to the next."""
    runs: list[tuple[str, list[str]]] = [("", [])]
    for label in every:
        if label in kept:
            runs.append((label, []))
        else:
            runs[-1][1].append(label)
    return runs


def _values(text: str) -> Mapping[str, str] | None:
    parts = text.split(", ") if text else []
    if not all(_OPTION.fullmatch(part) for part in parts):
        return None
    return {name: value for name, _, value in (part.partition("=") for part in parts)}
