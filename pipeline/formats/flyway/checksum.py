"""Flyway's checksum: CRC-32 over the lines of a text without their ends, as a signed 32-bit number."""

import zlib

from pipeline.formats.text import BOM, PIECE

_LINE_ENDS = b"\r\n"
_SIGN = 0x8000_0000
_RANGE = 0x1_0000_0000


def checksum(text: str) -> str:
    """The checksum as the ledger shows it; byte-order mark, line ends and empty lines do not count."""
    number, counted = 0, text.removeprefix(BOM)
    for at in range(0, len(counted), PIECE):
        piece = counted[at : at + PIECE].encode()
        number = zlib.crc32(piece.translate(None, delete=_LINE_ENDS), number)
    return str(number - _RANGE if number >= _SIGN else number)
