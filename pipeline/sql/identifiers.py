"""Names as SQL writes them: quoted, qualified, and read back."""

import re

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_PART = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')


def quote(name: str) -> str:
    """``name`` as a quoted identifier, always with quotes: ``we"ird`` becomes ``"we""ird"``."""
    return '"' + name.replace('"', '""') + '"'


def shown(*parts: str | None) -> str:
    """A qualified name for people: parts that are not given are left out, quotes only where they are needed."""
    return ".".join(part if _PLAIN.fullmatch(part) else quote(part) for part in parts if part)


def parse(text: str) -> tuple[str, ...] | None:
    """The parts of a qualified name as SQL reads it (unquoted parts in lower case); None if it is not one."""
    parts: list[str] = []
    at = 0
    while (match := _PART.match(text, at)) is not None:
        parts.append(match[1].replace('""', '"') if match[1] else match[2].lower())
        if match.end() == len(text):
            return tuple(parts)
        if text[match.end()] != ".":
            return None
        at = match.end() + 1
    return None
