"""What keys of environments.yaml take: kinds of values, as pydantic reads them and as editors are told."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Annotated, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from pipeline.config import quantities
from pipeline.config.connection import url_reference
from pipeline.config.quantities import DurationRange
from pipeline.errors import ConfigurationError

T = TypeVar("T")

OURS: Final = "ours"
DAY_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
OBJECTS_PATTERN: Final = r"(\*|[a-z][a-z-]*( [a-z-]+)*) \S.*"


class Section(BaseModel):
    """A mapping of the file: frozen, strict, and without room for unknown keys."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )


def _ours(judge: Callable[[object], T]) -> Callable[[object], T]:
    """A validator of ours as pydantic wants it: the message and the hint arrive unchanged."""

    def validate(value: object) -> T:
        try:
            return judge(value)
        except ConfigurationError as error:
            raise PydanticCustomError(
                OURS, "{message}", {"message": error.what, "hint": error.todo or ""}
            ) from None

    return validate


def _schema(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)})


def _url(value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError("must be text", todo='write "${NAME}"')
    url_reference(value)
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ConfigurationError("must be a path", todo="paths are relative to this file")
    if "${" in value or "://" in value:
        raise ConfigurationError("must be a local path", todo="only database URLs may be references")
    return value


def _version(value: object) -> int:
    if isinstance(value, bool) or value != 1:
        raise ConfigurationError("this tool reads version 1 of the file", todo="write `version: 1`")
    return 1


def _drill(value: object) -> timedelta | Literal["every"]:
    return "every" if value == "every" else quantities.duration(value)


def _answer(value: object) -> bool | int | float | str:
    if isinstance(value, (bool, int, float, str)):
        return value
    raise ConfigurationError("must be one value", todo="write not_less, unchanged, zero, or the literal answer")


def _day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(DAY_PATTERN, value, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ConfigurationError("must be a day", todo='write it in quotes, like "2027-01-31"')


def _objects(value: object) -> str:
    if not isinstance(value, str) or re.fullmatch(OBJECTS_PATTERN, value) is None:
        raise ConfigurationError("must be a kind and a name", todo='write it like "table partman.*"')
    return value


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError(
            OURS, "{message}", {"message": "names something twice", "hint": "name it once"}
        )
    return values


Duration = Annotated[
    timedelta, PlainValidator(_ours(quantities.duration)), _schema(quantities.DURATION_PATTERN, "14d")
]
Timeout = Annotated[
    timedelta, PlainValidator(_ours(quantities.timeout)), _schema(quantities.DURATION_PATTERN, "1s")
]
Wait = Annotated[
    DurationRange,
    PlainValidator(_ours(quantities.duration_range)),
    _schema(quantities.RANGE_PATTERN, "100ms", "50ms..100ms"),
]
Size = Annotated[int, PlainValidator(_ours(quantities.size)), _schema(quantities.SIZE_PATTERN, "2GiB")]
Url = Annotated[
    str, PlainValidator(_ours(_url)), WithJsonSchema({"type": "string", "examples": ["${PROD_DATABASE_URL}"]})
]
LocalPath = Annotated[str, PlainValidator(_ours(_path)), WithJsonSchema({"type": "string", "minLength": 1})]
Version = Annotated[int, PlainValidator(_ours(_version)), WithJsonSchema({"const": 1})]
Drill = Annotated[
    timedelta | Literal["every"],
    PlainValidator(_ours(_drill)),
    _schema(rf"every|{quantities.DURATION_PATTERN}", "every"),
]
Answer = Annotated[
    bool | int | float | str,
    PlainValidator(_ours(_answer)),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Day = Annotated[date, PlainValidator(_ours(_day)), _schema(DAY_PATTERN, "2027-01-31")]
Objects = Annotated[
    str, PlainValidator(_ours(_objects)), _schema(OBJECTS_PATTERN, "table partman.*", "* public.tmp_*")
]
Text = Annotated[str, Field(min_length=1)]
Distinct = AfterValidator(_distinct)


def section(kind: type[T]) -> T:
    """A key whose mapping may be left out: each key in it then has its default."""
    return Field(default={}, validate_default=True, description=kind.__doc__)


def quantity(parse: Callable[[object], T], text: str, description: str) -> T:
    """A key with a duration or size for its default, which editors are shown as it is written."""
    return Field(default=parse(text), description=description, json_schema_extra={"default": text})
