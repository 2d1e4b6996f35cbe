"""A client's private key as the driver of Java reads it: PKCS #8 in DER, where libpq and others read PEM."""

import re
from binascii import a2b_base64
from pathlib import Path
from shlex import quote

from pipeline.errors import Unavailable

_PEM = re.compile(rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----\s(.*?)-----END", re.DOTALL)


def in_der(key: Path) -> bytes | None:
    """The key of a PEM file; None where the file is none, and is read as it is.

    Raises Unavailable where it is no PKCS #8, or is encrypted.
    """
    found = _PEM.search(key.read_bytes())
    if found is None:
        return None
    if kind := found[1].decode().strip():
        raise Unavailable(
            "Flyway's driver cannot read the client's key",
            where=str(key),
            why=f"it is {'an encrypted' if kind == 'ENCRYPTED' else f'a bare {kind}'} one, and not PKCS #8",
            todo=f"convert it (openssl pkcs8 -topk8 -nocrypt -in {quote(key.name)} -out NEW) and name the"
            " new one, which libpq reads too, or let pipeline apply the migrations (migrations.runner: native)",
        )
    return a2b_base64(found[2])
