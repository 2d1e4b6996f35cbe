"""How the words of a file are repeated to people: never a secret, and with the word that was probably meant."""

from collections.abc import Iterable, Sequence

_LONGEST = 60


def shown(text: str) -> str:
    """Text of the file as it may be repeated: short, printable, and nothing that looks like a connection."""
    if len(text) > _LONGEST or "://" in text or "@" in text or "password" in text.lower():
        return "(not shown)"
    return "".join(character if character.isprintable() else "?" for character in text)


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """The question after a misspelt word, if one of the known words is near."""
    from difflib import get_close_matches  # noqa: PLC0415  # only a mistake pays for it

    near = get_close_matches(word, known, n=1) if len(word) <= _LONGEST else []
    return f"did you mean `{near[0]}`?" if near else None


def listed(words: Iterable[str]) -> str:
    """Words for a sentence: ``a, b, c``."""
    return ", ".join(words)
