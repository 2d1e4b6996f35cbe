"""What pydantic dislikes, in our words: which key, what it must be, and the word that was probably meant."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.fields import OURS
from pipeline.config.model import ProjectFile
from pipeline.config.problems import Complaint, KeyPath, did_you_mean, listed, shown
from pipeline.config.sections import COMMAND_CHECK, QUERY_CHECK

_TAGS = (QUERY_CHECK, COMMAND_CHECK)
_MAPPING = ("must be a mapping", "write `key: value` lines below it")
_EMPTY = ("must not be empty", None)
_SAID: Final[Mapping[str, tuple[str, str | None]]] = {
    "missing": ("is required", None),
    "string_type": ("must be text", "put it in quotes"),
    "bool_type": ("must be true or false", None),
    "int_type": ("must be a whole number", None),
    "tuple_type": ("must be a list", "write it as [one, two]"),
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
    "greater_than_equal": ("must not be negative", None),
    "string_pattern_mismatch": ("must be a short name", "a letter, then letters, digits, - and _"),
}


def explain(error: ValidationError) -> Iterator[Complaint]:
    """A complaint per error, about the key as it stands in the file."""
    for detail in error.errors(include_url=False):
        path = tuple(part for part in detail["loc"] if part not in _TAGS)
        yield _complaint(path, detail)


def _complaint(path: KeyPath, detail: ErrorDetails) -> Complaint:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return Complaint(path, "unknown key", _hint_for_key(path), on_key=True)
        case "literal_error" | "enum":
            return _not_one_of(path, detail["input"], str(context["expected"]))
        case kind if kind == OURS:
            return Complaint(path, str(context["message"]), str(context["hint"]) or None)
        case kind:
            message, hint = _SAID.get(kind, (detail["msg"], None))
            return Complaint(path, message, hint)


def _not_one_of(path: KeyPath, given: object, expected: str) -> Complaint:
    words = re.findall(r"'([^']*)'", expected)
    if not isinstance(given, str):
        return Complaint(path, f"must be one of {listed(words)}")
    return Complaint(path, f"`{shown(given)}` is not one of {listed(words)}", did_you_mean(given, words))


def _hint_for_key(path: KeyPath) -> str:
    *parents, key = path
    known = _keys_at(tuple(parents))
    near = did_you_mean(str(key), list(known))
    if near is not None:
        return near
    inner = [name for name, models in known.items() if any(key in _keys_of(model) for model in models)]
    return f"it belongs under `{inner[0]}:`" if inner else f"known here: {listed(known)}"


def _keys_at(path: KeyPath) -> dict[str, tuple[type[BaseModel], ...]]:
    """The keys that are known at a place, each with the models of what stands below it."""
    models: tuple[type[BaseModel], ...] = (ProjectFile,)
    for index, part in enumerate(path):
        below = [keys[part] for model in models if isinstance(part, str) and part in (keys := _keys_of(model))]
        if below and not (index == 1 and path[0] == "environments"):
            models = below[0]
    return {name: inner for model in models for name, inner in _keys_of(model).items()}


def _keys_of(model: type[BaseModel]) -> dict[str, tuple[type[BaseModel], ...]]:
    fields = model.model_fields.items()
    return {field.alias or name: tuple(_models_in(field.annotation)) for name, field in fields}


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
