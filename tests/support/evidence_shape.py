"""The published shape of evidence.json, and what a document says against it."""

import json
from importlib import resources
from typing import Any, cast

from jsonschema import Draft202012Validator

Document = dict[str, Any]

SCHEMA = cast(
    "Document", json.loads(resources.files("pipeline.promotion").joinpath("evidence.schema.json").read_text())
)


def complaints(content: Document) -> list[str]:
    """The places in which a document breaks the shape; empty when it keeps it."""
    errors = Draft202012Validator(SCHEMA).iter_errors(content)  # pyright: ignore[reportUnknownMemberType]
    return sorted({error.json_path for error in errors})
