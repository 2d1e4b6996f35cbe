"""The shape of environments.yaml as a whole; what it means on this machine is ``pipeline.config.project``."""

from typing import Literal

from pipeline.config.fields import PATH, SHORT_NAME, TEXT, VERSION
from pipeline.config.sections import (
    CHECK,
    BackupSection,
    CommandCheck,
    DatabaseSection,
    Drift,
    Failure,
    Identity,
    Limits,
    QueryCheck,
    RehearsalSection,
    Role,
)
from pipeline.findings import ClaimName
from pipeline.shapes.kinds import Flag, Free, Items, Named, OneOf, Text
from pipeline.shapes.section import Nested, Section, key

STATE = ".pipeline"
MOST_ENVIRONMENTS = 64


class MigrationsSection(Section):
    """Where the migrations are and whose conventions they follow."""

    format: Literal["flyway", "prisma", "golang-migrate"] = key(
        OneOf("flyway", "prisma", "golang-migrate"),
        "Whose layout and ledger the migrations follow: flyway, prisma or golang-migrate.",
    )
    path: str = key(PATH, "The folder of the migrations, inside the project.")
    runner: Literal["native", "tool"] = key(
        OneOf("native", "tool"),
        "What applies them: this tool (native), or the real flyway, prisma or migrate (tool).",
        default="native",
    )
    program: str | None = key(
        TEXT,
        "With runner: tool, the program: its name or path; left out, flyway, prisma or migrate.",
        default=None,
    )
    schemas: tuple[str, ...] = key(
        Items(TEXT, least=1, distinct=True), "The schemas that the migrations manage.", default=("public",)
    )
    out_of_order: Literal["deny", "warn", "allow"] = key(
        OneOf("deny", "warn", "allow"),
        "What happens to a pending migration older than an applied one.",
        default="deny",
    )
    options: dict[str, object] = key(
        Free(),
        "The format's own options, under its own names: locations, placeholders, table.",
        default={},
    )


class EnvironmentSection(Section):
    """One stage on the way of a release."""

    database: DatabaseSection = key(Nested(DatabaseSection), "Where the database is.")
    protected: bool = key(Flag(), "Whether nothing may be applied here without evidence.", default=False)
    requires: tuple[str, ...] = key(
        Items(TEXT, distinct=True), "Earlier environments that a release must have passed.", default=()
    )
    rehearse: RehearsalSection | None = key(
        Nested(RehearsalSection),
        "How a release is rehearsed; left out, as in the nearest throwaway before.",
        default=None,
    )
    identity: Identity = key(Nested(Identity), default={})
    role: Role = key(Nested(Role), default={})
    limits: Limits = key(Nested(Limits), default={})
    backup: BackupSection = key(Nested(BackupSection), default={})
    require: tuple[ClaimName, ...] | None = key(
        Items(OneOf(*ClaimName), distinct=True),
        "The claims that must be true; left out, all of them where protected, otherwise none.",
        default=None,
    )
    drift: Drift = key(Nested(Drift), default={})
    verify: tuple[QueryCheck | CommandCheck, ...] = key(
        Items(CHECK), "What is asked of the database afterwards.", default=()
    )
    failure: Failure = key(Nested(Failure), default={})


class ProjectFile(Section):
    """environments.yaml: how the schema changes of one project are promoted."""

    version: int = key(VERSION, "The version of this file's shape: 1.")
    project: str = key(Text(spelling=SHORT_NAME), "The name of the project.")
    state: str = key(
        PATH,
        "The folder of what must outlive a run: journals, rehearsals. A URL is not built yet.",
        default=STATE,
    )
    migrations: MigrationsSection = key(Nested(MigrationsSection))
    environments: dict[str, EnvironmentSection] = key(
        Named(Nested(EnvironmentSection), names=SHORT_NAME, least=1, most=MOST_ENVIRONMENTS),
        "The environments, in the order of promotion.",
    )
