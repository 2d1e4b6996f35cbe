"""Nothing that is committed ties the project to one machine or one registry."""

import re
from pathlib import Path

import pytest

from tests.support.tree import ROOT, own_files

# In pieces, so that this file does not find itself.
HOSTS = [
    "pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "deb." + "debian.org", "crates" + ".io",
    "golang" + ".org", "maven" + ".org", "docker" + ".io/", "ghcr" + ".io",
]  # fmt: skip
REGISTRY = re.compile("|".join(rf"\b{re.escape(host)}" for host in HOSTS))
MACHINE = re.compile(r"(?:^|[\s\"'=(:])/(?:work|root|home|Users)/\w", re.MULTILINE)


def ties(text: str) -> list[str]:
    """The words that name a package registry or a path of somebody's machine."""
    return [match[0] for pattern in (REGISTRY, MACHINE) for match in pattern.finditer(text)]


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = {str(file): words for file in own_files() if (words := ties(_text(ROOT / file)))}
    assert not found


@pytest.mark.parametrize(
    "text",
    ["https://" + "pypi" + ".org/simple", "x\n/" + "work/main", "cd '/" + "root/x'", "/" + "home/ann/project"],
)
def test_a_tie_is_noticed(text: str) -> None:
    assert ties(text)


@pytest.mark.parametrize("text", ["/usr/lib/postgresql", "docker.io iptables", "a/work/b", "/root:/bin/bash"])
def test_what_every_machine_has_is_no_tie(text: str) -> None:
    assert not ties(text)


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="replace")
