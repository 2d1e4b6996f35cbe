"""How the files of a migration are called in each layout, and what lies beside them once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pipeline.formats.conversion.versions import stamps
from pipeline.formats.succession import slug

_LONGEST = 180
"""Bytes of a name; with the version and an ending it stays below what file systems and Prisma take."""

PROVIDER = """\
# Says which database the migrations are written for; keep it under version control.
provider = "postgresql"
"""
"""Prisma's migration_lock.toml."""


@dataclass(frozen=True)
class Layout:
    """One tool's layout: versions from rising numbers, and the paths of the two scripts of a migration."""

    versions: Callable[[Sequence[int]], Sequence[str]]
    paths: Callable[[str, str], tuple[str, str]]
    beside: Mapping[str, str] = field(default_factory=dict[str, str])


def paths(layout: Layout, version: str, name: str) -> tuple[str, str]:
    """Where the up and the down script of a migration called ``name`` belong."""
    made = slug(name).encode()[:_LONGEST].decode(errors="ignore").rstrip("_")
    return layout.paths(version, made)


def _as_they_are(rising: Sequence[int]) -> Sequence[str]:
    return [str(number) for number in rising]


def _six_digits(rising: Sequence[int]) -> Sequence[str]:
    return [f"{number:06}" for number in rising]


def _flyway(version: str, name: str) -> tuple[str, str]:
    rest = f"{version}__{name}.sql" if name else f"{version}.sql"
    return f"V{rest}", f"U{rest}"


def _golang_migrate(version: str, name: str) -> tuple[str, str]:
    return f"{version}_{name}.up.sql", f"{version}_{name}.down.sql"


def _prisma(version: str, name: str) -> tuple[str, str]:
    folder = f"{version}_{name}" if name else version
    return f"{folder}/migration.sql", f"{folder}/down.sql"


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "flyway": Layout(_as_they_are, _flyway),
        "prisma": Layout(stamps, _prisma, {"migration_lock.toml": PROVIDER}),
        "golang-migrate": Layout(_six_digits, _golang_migrate),
    }
)
"""By the formats' names in environments.yaml."""
