"""Security labels become properties of what they are on."""

from collections.abc import Iterable

from pipeline.schema.assembly import Assembly
from pipeline.schema.model import ObjectKey

LabelRow = tuple[str, int, str | None, str, str]
"""``catalog, oid, column, provider, label``."""


def add_labels(assembly: Assembly, rows: Iterable[LabelRow]) -> None:
    """Take in labels, last of all: of a view's column with its view, of what was left out not at all."""
    for catalog, oid, column, provider, label in rows:
        key = assembly.keys.get(catalog, {}).get(oid)
        if key is None:
            continue
        name = f"security label {provider}"
        if column is not None:
            part = ObjectKey("attribute" if key.kind == "type" else "column", f"{key.name}.{column}")
            if part in assembly.objects:
                key = part
            else:
                name = f"{name} of {column}"
        assembly.objects[key][name] = label
