"""Flyway's checksum: CRC-32 over the lines of a text without their ends, as a signed 32-bit number."""

import zlib

from pipeline.formats.text import BOM

_LINE_ENDS = b"\r\n"
_SIGN = 0x8000_0000
_RANGE = 0x1_0000_0000


def checksum(text: str) -> str:
    """The checksum as the ledger shows it; byte-order mark, line ends and empty lines do not count."""
    number = zlib.crc32(text.removeprefix(BOM).encode().translate(None, delete=_LINE_ENDS))
    return str(number - _RANGE if number >= _SIGN else number)
