"""Colour for a terminal, added to lines that read well without it."""

from rich.console import Console
from rich.text import Text

STYLES = {
    "✓": "green",
    "✗": "red",
    "–": "dim",
    "PROMOTED": "bold green",
    "REHEARSED": "bold green",
    "NOTHING": "bold green",
    "REFUSED": "bold red",
    "FAILED": "bold red",
    "BUSY": "bold yellow",
    "NEEDS": "bold red",
    "OUTCOME": "bold red",
    "INTERRUPTED": "bold yellow",
    "error:": "red",
    "warning:": "yellow",
    "+": "green",
    "-": "red",
    "~": "yellow",
}
"""The style of a line's first word."""


def paint(text: str) -> None:
    """Print on stdout, each line's first word in its colour."""
    console = Console(highlight=False, soft_wrap=True)
    for line in text.splitlines():
        words = line.lstrip()
        first, space, rest = words.partition(" ")
        indent = line[: len(line) - len(words)]
        console.print(Text.assemble(indent, (first, STYLES.get(first, "")), space, rest))
