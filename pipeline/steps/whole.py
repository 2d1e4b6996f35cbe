"""A file of the state that is there as a whole or as it was, whoever else writes it at this moment."""

import secrets
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write beside the place, under a name of its own, and rename; makes the folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.write_bytes(content)
    draft.replace(path)
