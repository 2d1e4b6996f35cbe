"""Flyway's checksum: CRC-32 over the lines of a text without their ends, as a signed 32-bit number."""

import re
import zlib

from pipeline.formats.text import BOM

_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_SIGN = 0x8000_0000
_RANGE = 0x1_0000_0000


def checksum(text: str) -> str:
    """The checksum as the ledger shows it; byte-order mark, line ends and empty lines do not count."""
    number = zlib.crc32(_LINE_ENDS.sub("", text.removeprefix(BOM)).encode())
    return str(number - _RANGE if number >= _SIGN else number)
