"""The values of a project from its file: absolute paths, references that know their place, every default."""

from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from pipeline.config import commands
from pipeline.config.connection import SYSTEM, url_reference
from pipeline.config.document import Document
from pipeline.config.model import EnvironmentSection, MigrationsSection, ProjectFile
from pipeline.config.project import (
    Backup,
    Database,
    EmbeddedDatabase,
    Environment,
    LiveDatabase,
    Migrations,
    Project,
    Rehearse,
    ThrowawayDatabase,
)
from pipeline.config.sections import BackupSection, DatabaseSection, Provider, RehearsalSection
from pipeline.findings import ClaimName
from pipeline.shapes.complaints import dotted


def project(model: ProjectFile, document: Document, file: Path) -> Project:
    """The project of a file that has been judged; ``file`` is absolute."""
    root = file.parent
    environments = {
        name: _environment(name, section, document, root) for name, section in model.environments.items()
    }
    return Project(
        project=model.project,
        root=root,
        file=file,
        state=root / model.state,
        migrations=_migrations(model.migrations, root),
        environments=MappingProxyType(environments),
        unsaid=_rehearse(RehearsalSection(), root),
    )


def _migrations(section: MigrationsSection, root: Path) -> Migrations:
    return Migrations(
        format=section.format,
        path=root / section.path,
        shown=section.path,
        schemas=section.schemas,
        out_of_order=section.out_of_order,
        options=MappingProxyType(section.options),
        by_tool=section.runner == "tool",
        program=section.program,
    )


def _environment(name: str, section: EnvironmentSection, document: Document, root: Path) -> Environment:
    unsaid = tuple(ClaimName) if section.protected else ()
    return Environment(
        name=name,
        database=_database(name, section.database, document, root),
        protected=section.protected,
        requires=section.requires,
        rehearse=_rehearse(section.rehearse, root) if section.rehearse else None,
        identity=section.identity,
        role=section.role,
        limits=section.limits,
        backup=_backup(section.backup, root),
        require=unsaid if section.require is None else section.require,
        drift=section.drift,
        verify=section.verify,
        failure=section.failure,
    )


def _database(name: str, section: DatabaseSection, document: Document, root: Path) -> Database:
    if section.embedded is not None:
        return EmbeddedDatabase(root / section.embedded)
    if section.url is not None:
        path = ("environments", name, "database", "url")
        where = f"{document.locate(path)}: {dotted(path)}"
        return LiveDatabase(url_reference(section.url, where), section.tls or SYSTEM, root, commands.run)
    # what is not built yet was refused before
    return ThrowawayDatabase(cast("Provider", section.throwaway))


def _rehearse(section: RehearsalSection, root: Path) -> Rehearse:
    return Rehearse(
        source=cast("Literal['auto', 'dump']", section.source),
        prepare=tuple(root / path for path in section.prepare),
        seed=tuple(root / path for path in section.seed),
        rollback=section.rollback,
        budgets=section.budgets,
    )


def _backup(section: BackupSection, root: Path) -> Backup:
    return Backup(store=root / section.store, keep=section.keep)
