"""The shape of environments.yaml as a whole; what it means on this machine is ``pipeline.config.project``."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.config.fields import Distinct, LocalPath, Section, Text, Version, section
from pipeline.config.sections import (
    BackupSection,
    Check,
    DatabaseSection,
    Drift,
    Failure,
    Identity,
    Limits,
    RehearsalSection,
    Role,
)
from pipeline.findings import ClaimName

STATE = ".pipeline"
MOST_ENVIRONMENTS = 64
NAME_PATTERN = r"[A-Za-z][A-Za-z0-9_-]{0,62}"


class MigrationsSection(Section):
    """Where the migrations are and whose conventions they follow."""

    format: Literal["flyway", "prisma", "golang-migrate"] = Field(
        description="Whose layout and ledger the migrations follow: flyway, prisma or golang-migrate."
    )
    path: LocalPath = Field(description="The folder of the migrations, inside the project.")
    runner: Literal["native", "tool"] = Field(
        default="native",
        description="What applies them: this tool (native), or the real flyway, prisma or migrate (tool).",
    )
    program: Text | None = Field(
        default=None,
        description="With runner: tool, the program: its name or path; left out, flyway, prisma or migrate.",
    )
    schemas: Annotated[tuple[Text, ...], Distinct] = Field(
        default=("public",), min_length=1, description="The schemas that the migrations manage."
    )
    out_of_order: Literal["deny", "warn", "allow"] = Field(
        default="deny", description="What happens to a pending migration older than an applied one."
    )
    options: dict[str, object] = Field(
        default={}, description="The format's own options, under its own names: locations, placeholders, table."
    )


class EnvironmentSection(Section):
    """One stage on the way of a release."""

    database: DatabaseSection = Field(description="Where the database is.")
    protected: bool = Field(default=False, description="Whether nothing may be applied here without evidence.")
    requires: Annotated[tuple[Text, ...], Distinct] = Field(
        default=(), description="Earlier environments that a release must have passed."
    )
    rehearse: RehearsalSection | None = Field(
        default=None, description="How a release is rehearsed; left out, as in the nearest throwaway before."
    )
    identity: Identity = section(Identity)
    role: Role = section(Role)
    limits: Limits = section(Limits)
    backup: BackupSection = section(BackupSection)
    require: Annotated[tuple[Annotated[ClaimName, Field(strict=False)], ...], Distinct] | None = Field(
        default=None,
        description="The claims that must be true; left out, all of them where protected, otherwise none.",
    )
    drift: Drift = section(Drift)
    verify: tuple[Check, ...] = Field(default=(), description="What is asked of the database afterwards.")
    failure: Failure = section(Failure)


class ProjectFile(Section):
    """environments.yaml: how the schema changes of one project are promoted."""

    version: Version = Field(description="The version of this file's shape: 1.")
    project: str = Field(pattern=rf"^{NAME_PATTERN}$", description="The name of the project.")
    state: LocalPath = Field(
        default=STATE,
        description="The folder of what must outlive a run: journals, rehearsals. A URL is not built yet.",
    )
    migrations: MigrationsSection = Field(
        description="Where the migrations are and whose conventions they follow."
    )
    environments: dict[str, EnvironmentSection] = Field(
        min_length=1,
        description="The environments, in the order of promotion.",
        json_schema_extra={
            "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
            "maxProperties": MOST_ENVIRONMENTS,
        },
    )
