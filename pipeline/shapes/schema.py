"""The shape of a section as JSON Schema (draft 2020-12), for editors.

It says what that language can say; the reader may know more, and never takes what the schema refuses.
"""

from collections.abc import Mapping
from enum import StrEnum
from inspect import cleandoc
from typing import Final, TypeAlias, cast

from pipeline.shapes.kinds import Flag, Free, Items, Kind, Named, OneOf, Parsed, Spelling, Text, Whole
from pipeline.shapes.section import Either, Key, Nested, Section, keys_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema: TypeAlias = dict[str, object]


def json_schema(section: type[Section], title: str) -> Schema:
    """The schema of a file that is such a section; what it is made of is in its ``$defs``."""
    definitions: dict[str, Schema] = {}
    written = _section(section, definitions)
    ordered = {name: definitions[name] for name in sorted(definitions)}
    return {"$schema": DIALECT, "title": title, "$defs": ordered, **written}


def _section(section: type[Section], definitions: dict[str, Schema]) -> Schema:
    keys = keys_of(section)
    schema: Schema = {
        "type": "object",
        "description": _meaning(section),
        "properties": {name: _key(one, definitions) for name, one in keys.items()},
        "additionalProperties": False,
        **_together(section),
    }
    if required := [name for name, one in keys.items() if one.required]:
        schema["required"] = required
    return _sorted(schema)


def _together(section: type[Section]) -> Schema:
    schema: Schema = {}
    if section.exactly_one:
        schema["oneOf"] = [{"required": [name]} for name in section.exactly_one]
    if section.only_with:
        schema["dependentRequired"] = {name: [section.only_with[name]] for name in sorted(section.only_with)}
    return schema


def _key(key: Key, definitions: dict[str, Schema]) -> Schema:
    schema = _kind(key.kind, definitions)
    if key.description:
        schema["description"] = key.description
    if not key.required and key.default is not None:
        schema["default"] = _plain(key.default)
    return _sorted(schema)


def _kind(kind: Kind[object], definitions: dict[str, Schema]) -> Schema:
    match kind:
        case OneOf():
            return _words(kind.words, definitions)
        case Nested():
            return _refer(kind.section, definitions)
        case Either():
            return {"oneOf": [_refer(section, definitions) for section in kind.sections]}
        case Items():
            each = _sorted(_kind(kind.each, definitions))
            return {"type": "array", "items": each, **_bounds("Items", kind.least)}
        case Named():
            each = _sorted(_kind(kind.each, definitions))
            names = {"propertyNames": _spelt(kind.names)} if kind.names else {}
            bounds = _bounds("Properties", kind.least, kind.most)
            return {"type": "object", "additionalProperties": each, **names, **bounds}
        case _:
            return _simple(kind)


def _simple(kind: Kind[object]) -> Schema:
    match kind:
        case Text():
            return {"type": "string", **_spelt(kind.spelling), **_bounds("Length", kind.least)}
        case Flag():
            return {"type": "boolean"}
        case Whole():
            least = {} if kind.least is None else {"minimum": kind.least}
            return {"type": "integer", **least}
        case Free():
            return {"type": "object", "additionalProperties": True}
        case Parsed():
            return dict(kind.schema)
        case _:
            raise TypeError(f"{type(kind).__name__} has no JSON Schema")


def _bounds(of: str, least: int, most: int | None = None) -> Schema:
    """How many there may be, where that says anything: there are never fewer than none."""
    bounds: Schema = {f"min{of}": least} if least else {}
    return bounds if most is None else {**bounds, f"max{of}": most}


def _words(words: tuple[str, ...], definitions: dict[str, Schema]) -> Schema:
    schema: Schema = {"enum": [str(word) for word in words], "type": "string"}
    if not isinstance(words[0], StrEnum):
        return schema
    of = type(words[0])
    definitions[of.__name__] = {"description": _meaning(of), **schema}
    return {"$ref": f"#/$defs/{of.__name__}"}


def _refer(section: type[Section], definitions: dict[str, Schema]) -> Schema:
    if section.__name__ not in definitions:
        definitions[section.__name__] = _section(section, definitions)
    return {"$ref": f"#/$defs/{section.__name__}"}


def _spelt(spelling: Spelling | None) -> Schema:
    return {"pattern": f"^{spelling.pattern}$"} if spelling else {}


def _meaning(of: type) -> str:
    return cleandoc(of.__doc__ or "")


def _plain(written: object) -> object:
    return list(cast("tuple[object, ...]", written)) if isinstance(written, tuple) else written


def _sorted(schema: Mapping[str, object]) -> Schema:
    return {word: schema[word] for word in sorted(schema)}
