"""The JSON Schema of environments.yaml, made from the models: editors complete and check with it.

It is looser than the loader, which also knows the disk and what is not built yet. The committed file beside
this module is ``text()``; a test keeps it so.
"""

import json
from typing import Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipeline.config.model import ProjectFile

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _ForEditors(GenerateJsonSchema):
    """Without what is only pydantic's: made-up titles, and null for what may be left out."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def encode_default(self, dft: object) -> object:
        """Quantities are shown as they are written, which their fields say themselves."""
        return super().encode_default(dft) if isinstance(dft, (str, int, bool, tuple, dict)) else str(dft)

    def field_title_should_be_set(self, schema: object) -> bool:
        del schema
        return False


def json_schema() -> dict[str, object]:
    """The schema as a value."""
    generated = ProjectFile.model_json_schema(schema_generator=_ForEditors)
    for definition in (generated, *generated["$defs"].values()):
        definition.pop("title", None)
    return {"$schema": DIALECT, "title": "environments.yaml of dbpipeline", **generated}


def text() -> str:
    """The schema as it is published."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
