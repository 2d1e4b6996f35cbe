"""The JSON Schema of environments.yaml: editors complete and check with it.

It is looser than the loader, which also knows the disk and what is not built yet. The committed file beside
this module is ``text()``; a test keeps it so.
"""

import json

from pipeline.config.model import ProjectFile
from pipeline.shapes import schema


def json_schema() -> dict[str, object]:
    """The schema as a value."""
    return schema.json_schema(ProjectFile, "environments.yaml of dbpipeline")


def text() -> str:
    """The schema as it is published."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
