"""What other tools write down: file names, ledgers and locks of Flyway, Prisma Migrate and golang-migrate.

A format *describes*, as data; ``pipeline.postgres`` *does*. Nothing here opens a socket or starts a process.
``FORMATS`` is the table of formats by their names in environments.yaml; ``folder`` reads a release.
"""

from collections.abc import Mapping

from pipeline.formats.flyway.format import Flyway
from pipeline.formats.golang_migrate import GolangMigrate
from pipeline.formats.interface import Format
from pipeline.formats.prisma import Prisma

FORMATS: Mapping[str, Format] = {"flyway": Flyway(), "prisma": Prisma(), "golang-migrate": GolangMigrate()}
