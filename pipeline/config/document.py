"""Strict YAML: a small tree of plain values in which every node knows its line and column.

The file comes from people and may come from a stranger's pull request, so it is small, plain and says
everything once: no anchors, aliases, merge keys, tags, directives, second documents or repeated keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

from pipeline.config.problems import Problem
from pipeline.config.scalars import MERGE, Surprise, interpret
from pipeline.findings import Location
from pipeline.shapes.complaints import Complaint, KeyPath, dotted
from pipeline.shapes.words import shown

LARGEST = 64 * 1024
_DEEPEST = 16
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mark(NamedTuple):
    """A place in the text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Node:
    """A value, where it begins, and what it is made of; ``keys`` says where the keys of a mapping stand.

    ``value`` is made of dict (in the order of the file), tuple, str, bool, int, float and None.
    """

    value: object
    mark: Mark
    children: Mapping[str | int, "Node"] = field(default_factory=dict["str | int", "Node"])
    keys: Mapping[str, Mark] = field(default_factory=dict[str, Mark])


class Document(NamedTuple):
    """A file as read: its tree (None where the text could not be followed to its end) and its problems."""

    file: str
    root: Node | None
    problems: tuple[Problem, ...] = ()

    def locate(self, path: KeyPath, *, on_key: bool = False) -> Location:
        """Where a value stands (or its key); for what is absent, where the nearest thing around it stands."""
        mark, node = Mark(1, 1), self.root
        for index, part in enumerate(path):
            if node is None or part not in node.children:
                break
            child = node.children[part]
            at_key = isinstance(part, str) and (on_key or path[: index + 1] != path)
            mark = node.keys[part] if at_key and isinstance(part, str) else child.mark
            node = child
        return Location(self.file, mark.line, mark.column)

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place in this file."""
        location = self.locate(complaint.path, on_key=complaint.on_key)
        name = dotted(complaint.path)
        return Problem(location, f"{name}: {complaint.message}" if name else complaint.message, complaint.hint)


class _Stop(Exception):
    """The rest of the file need not be read."""


class _Composer:
    """Makes a tree of the parser's events and collects what it dislikes on the way."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._events = yaml.parse(text, Loader=_LOADER)
        self.problems: list[Problem] = []

    def compose(self) -> Node | None:
        try:
            return self._document()
        except _Stop:
            return None
        except yaml.YAMLError as error:
            self._complain_of_syntax(error)
            return None

    def _document(self) -> Node | None:
        self._next()  # the stream begins
        start = self._next()
        if not isinstance(start, yaml.DocumentStartEvent):
            self._complain(Mark(1, 1), "the file is empty", "`pipeline init` writes one to start from")
            return None
        if start.version or start.tags:
            self._complain(_mark(start), "directives (%YAML, %TAG) are not read here", "remove the line")
        root = self._node(self._next(), 0)
        self._next()  # the document ends
        further = self._next()
        if isinstance(further, yaml.DocumentStartEvent):
            self._complain(_mark(further), "a second document begins here", "keep one document per file")
        return root

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > _DEEPEST:
            self._complain(_mark(event), f"nested deeper than {_DEEPEST} levels")
            raise _Stop
        self._complain_of_decoration(event)
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(event, depth)
            case yaml.SequenceStartEvent():
                return self._sequence(event, depth)
            case yaml.ScalarEvent():
                return Node(self._scalar(event), _mark(event))
            case _:
                return Node(None, _mark(event))

    def _sequence(self, start: yaml.Event, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node(tuple(item.value for item in items), _mark(start), dict(enumerate(items)))

    def _mapping(self, start: yaml.Event, depth: int) -> Node:
        children: dict[str | int, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, keys, depth)
            child = self._node(self._next(), depth + 1)
            if key is not None:
                children[key], keys[key] = child, _mark(event)
        return Node({key: child.value for key, child in children.items()}, _mark(start), children, keys)

    def _key(self, event: yaml.Event, known: Mapping[str, Mark], depth: int) -> str | None:
        key = self._node(event, depth + 1).value
        if not isinstance(event, yaml.ScalarEvent):
            self._complain(_mark(event), "a key must be a word", "keys are text")
        elif _plain(event) and event.value == MERGE:
            return None  # complained of already, as a scalar
        elif not isinstance(key, str):
            self._complain(_mark(event), "a key must be text", "put it in quotes")
        elif key in known:
            first = f"the first is in line {known[key].line}"
            self._complain(_mark(event), f"{shown(key)}: this key is there twice", first)
        else:
            return key
        return None

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        if not _plain(event):
            return event.value
        value = interpret(event.value)
        if isinstance(value, Surprise):
            self._complain(_mark(event), value.message, value.hint)
            return event.value
        return value

    def _complain_of_decoration(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._complain(_mark(event), "aliases (*name) are not read here", "write the value out")
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._complain(_mark(event), "anchors (&name) are not read here", "remove the anchor")
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            self._complain(_mark(event), "tags (!name) are not read here", "remove the tag")

    def _complain_of_syntax(self, error: yaml.YAMLError) -> None:
        mark = error.problem_mark or error.context_mark if isinstance(error, yaml.MarkedYAMLError) else None
        if mark is None:
            self._complain(Mark(1, 1), "there is a character in the file that YAML does not allow")
            return
        place = Mark(mark.line + 1, mark.column + 1)
        lines = self._text.split("\n")
        line = lines[mark.line] if mark.line < len(lines) else ""
        if line[: mark.column + 1].strip(" ").startswith("\t"):
            self._complain(place, "a tab cannot indent in YAML", "use spaces")
        else:
            self._complain(place, "this is not YAML", _reason(error))

    def _complain(self, mark: Mark, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(Location(self._file, mark.line, mark.column), message, hint))


def read(content: bytes, file: str) -> Document:
    """Read a file of at most 64 KiB; ``file`` is the name that its problems carry. Raises nothing."""
    if len(content) > LARGEST:
        return _unreadable(file, Mark(1, 1), f"the file is larger than {LARGEST // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unreadable(file, _at(content[: error.start]), "this is not UTF-8")
    if "\0" in text:
        return _unreadable(file, _at(content[: content.index(0)]), "there is a NUL character in the file")
    composer = _Composer(text, file)
    return Document(file, composer.compose(), tuple(composer.problems))


def _unreadable(file: str, mark: Mark, message: str) -> Document:
    location = Location(file, mark.line, mark.column)
    return Document(file, None, (Problem(location, message, "write a small plain text file in UTF-8"),))


def _at(before: bytes) -> Mark:
    return Mark(before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    return Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)


def _plain(event: yaml.ScalarEvent) -> bool:
    return event.style in (None, "", ":") and bool(event.implicit[0])


def _reason(error: yaml.YAMLError) -> str | None:
    """The parser's own words; they name kinds of tokens and never what stands in the file."""
    problem = getattr(error, "problem", None)
    return problem if isinstance(problem, str) else None
