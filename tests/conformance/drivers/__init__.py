"""The real tools that cases are run against, by the names of our formats."""

from collections.abc import Mapping

from tests.conformance.driver import Driver
from tests.conformance.drivers.flyway import Flyway
from tests.conformance.drivers.golang_migrate import GolangMigrate
from tests.conformance.drivers.prisma import Prisma

DRIVERS: Mapping[str, Driver] = {
    "flyway": Flyway(),
    "golang-migrate": GolangMigrate(),
    "prisma": Prisma(),
}
