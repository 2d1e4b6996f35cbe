"""Digests of a snapshot: two databases of the same shape have the same fingerprint.

The canonical form is JSON with everything sorted, so that lengths and borders are unambiguous, behind a prefix
that names the form: digests of different forms never meet. A property without a value counts as absent, so
that a new kind of property does not move the fingerprint of objects that lack it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import cast

from pipeline.schema.model import Properties, Snapshot


def fingerprint(snapshot: Snapshot) -> str:
    """``sha256:…`` over every object and property; column order and settings are not part of it."""
    objects = [[*key, _present(properties)] for key, properties in sorted(snapshot.objects.items())]
    return _digest("pipeline schema 1", objects)


def order_digest(snapshot: Snapshot) -> str:
    """``sha256:…`` over the physical order of columns."""
    return _digest("pipeline column order 1", snapshot.column_order)


def settings_digest(snapshot: Snapshot) -> str:
    """``sha256:…`` over the settings that a session of this database starts with."""
    return _digest("pipeline settings 1", snapshot.settings)


def _present(properties: Properties) -> Properties:
    if None in properties.values():
        return {name: value for name, value in properties.items() if value is not None}
    return properties


def _digest(form: str, value: object) -> str:
    text = json.dumps([form, value], sort_keys=True, separators=(",", ":"), default=_plain)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    raise TypeError(f"not part of a snapshot: {value!r}")
