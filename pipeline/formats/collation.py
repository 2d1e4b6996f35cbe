"""The order in which Prisma sorts folder names: JavaScript's localeCompare, as ICU's root collation has it.

Plain names (digits, letters, the signs of ASCII) are ordered exactly; letters of other scripts follow Latin
by code point, which ICU may do differently.
"""

import unicodedata

_SIGNS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_RANK = {character: rank for rank, character in enumerate(f"{_SIGNS}0123456789abcdefghijklmnopqrstuvwxyz")}


def key(name: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...], str]:
    """The sort key of a name: letters first, then accents, then case (small before capital)."""
    decomposed = unicodedata.normalize("NFD", name)
    letters = [character for character in decomposed if not unicodedata.combining(character)]
    return (
        tuple(_primary(character) for character in letters),
        _accents(decomposed),
        tuple(character.isupper() for character in letters),
        name,
    )


def _primary(character: str) -> int:
    small = character.lower()
    return _RANK.get(small, len(_RANK) + ord(small[0]))


def _accents(decomposed: str) -> tuple[int, ...]:
    """For each letter the sum of its accents, so that a bare letter comes before an accented one."""
    accents: list[int] = []
    for character in decomposed:
        if unicodedata.combining(character) and accents:
            accents[-1] += ord(character)
        else:
            accents.append(0)
    return tuple(accents)
