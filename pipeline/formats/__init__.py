"""What other tools write down: file names, ledgers and locks of Flyway, Prisma Migrate and golang-migrate.

A format *describes*, as data; ``pipeline.postgres`` *does*. Nothing here opens a socket or starts a process.
``FORMATS`` is the table of formats by their names in environments.yaml; ``folder`` reads a release.
"""

from collections.abc import Callable, Iterator, Mapping

from pipeline.formats.interface import Format


def _flyway() -> Format:
    from pipeline.formats.flyway.format import Flyway  # noqa: PLC0415  # a project has one format

    return Flyway()


def _prisma() -> Format:
    from pipeline.formats.prisma import Prisma  # noqa: PLC0415

    return Prisma()


def _golang_migrate() -> Format:
    from pipeline.formats.golang_migrate import GolangMigrate  # noqa: PLC0415

    return GolangMigrate()


class _Formats(Mapping[str, Format]):
    """Each format is loaded when it is asked for."""

    _made: Mapping[str, Callable[[], Format]] = {
        "flyway": _flyway,
        "prisma": _prisma,
        "golang-migrate": _golang_migrate,
    }

    def __getitem__(self, name: str) -> Format:
        return self._made[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


FORMATS: Mapping[str, Format] = _Formats()
