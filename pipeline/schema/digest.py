"""Digests of a snapshot: two databases of the same shape have the same fingerprint.

Objects are told in order, each as its kind, its name, its properties by name, and an empty text for its end;
between texts stands a NUL, which PostgreSQL allows in none, and no property lacks a name. Orders and settings
are sorted JSON. So borders are unambiguous, and a prefix names the form: digests of different forms never meet.
A property without a value counts as absent, so that a new kind of property does not move the fingerprint of
objects that lack it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import cast

from pipeline.schema.model import Snapshot

_BORDER = "\0"


def fingerprint(snapshot: Snapshot) -> str:
    """``sha256:…`` over every object and property; column order and settings are not part of it.

    Raises ValueError for a text that no server could have given.
    """
    texts = ["pipeline schema 2"]
    for key in sorted(snapshot.objects):
        texts += key
        for name, value in sorted(snapshot.objects[key].items()):
            if value is not None:
                texts += (name, value)
        texts.append("")
    form = _BORDER.join(texts)
    if form.count(_BORDER) != len(texts) - 1:
        raise ValueError("a snapshot holds a NUL, which no text of PostgreSQL can")
    return _sha256(form)


def order_digest(snapshot: Snapshot) -> str:
    """``sha256:…`` over the physical order of columns."""
    return _digest("pipeline column order 1", snapshot.column_order)


def settings_digest(snapshot: Snapshot) -> str:
    """``sha256:…`` over the settings that a session of this database starts with."""
    return _digest("pipeline settings 1", snapshot.settings)


def _digest(form: str, value: object) -> str:
    text = json.dumps([form, value], sort_keys=True, separators=(",", ":"), default=_plain)
    return _sha256(text)


def _sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    raise TypeError(f"not part of a snapshot: {value!r}")
