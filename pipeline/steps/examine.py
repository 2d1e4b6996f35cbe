"""Is everything here that a promotion will need? Asked before it is needed, and answered with what to do."""

from collections.abc import Generator
from dataclasses import dataclass, replace

from pipeline.config.project import ThrowawayDatabase
from pipeline.errors import ExitCode, PipelineError
from pipeline.postgres.books import SCHEMA
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity
from pipeline.programs import installations
from pipeline.sql.identifiers import quote
from pipeline.steps.context import Context
from pipeline.steps.identify import must_be_the_target
from pipeline.steps.release import read_release
from pipeline.steps.targets import opened
from pipeline.steps.tool import place_of_session, program_of
from pipeline.throwaway import docker


@dataclass(frozen=True)
class Checkup:
    """One thing that was looked at; ``good`` is None where it is merely not there and not needed.

    ``ending`` is the exit code where it is not good.
    """

    name: str
    good: bool | None
    words: str
    todo: str | None = None
    ending: ExitCode = ExitCode.UNAVAILABLE


def examine(context: Context, environments: list[str]) -> tuple[Checkup, ...]:
    """Look at the machine, the files and the named environments; what is wrong is an answer, not an error."""
    found = [_migrations(context), *_tool(context), *_machine(context)]
    for name in environments:
        found += _environment(replace(context, environment=context.project.environment(name)))
    return tuple(found)


def _migrations(context: Context) -> Checkup:
    where = context.project.migrations.shown
    try:
        reading = read_release(context.project)
    except PipelineError as error:
        return Checkup("migrations", good=False, words=error.what, todo=error.todo)
    refusing = [finding for finding in reading.findings if finding.refuses]
    if refusing:
        return Checkup("migrations", good=False, words=f"{refusing[0].location}: {refusing[0].message}")
    return Checkup("migrations", good=True, words=f"{len(reading.release.migrations)} in {where}")


def _tool(context: Context) -> Generator[Checkup]:
    if not context.project.migrations.by_tool:
        return
    try:
        found = program_of(context)
    except PipelineError as error:
        yield Checkup("runner", good=False, words=error.what, todo=error.todo)
        return
    yield Checkup("runner", good=True, words=f"{found.tool.name} ({found.path})")


def _machine(context: Context) -> Generator[Checkup]:
    found = installations.find(context.environ)
    yield Checkup(
        "postgresql",
        good=bool(found),
        words=", ".join(f"{one.version} ({one.origin})" for one in found) or "no server programs found",
        todo=None if found else "pip install 'dbpipeline[embedded]'",
    )
    for major in sorted({one.major for one in found}):
        usable = docker.usable_image(major, context.environ)
        yield Checkup(f"docker, {major}", good=True if usable.image else None, words=usable.reason)


def _environment(context: Context) -> Generator[Checkup]:
    name = context.environment.name
    if isinstance(context.environment.database, ThrowawayDatabase):
        yield Checkup(name, good=True, words=f"throwaway ({context.environment.database.provider})")
        return
    try:
        with (
            opened(context) as target,
            context.session(target) as session,
        ):
            identity = must_be_the_target(context, session)
            shown = target.shown
            unreachable = list(_unreachable(context, session))
    except PipelineError as error:
        yield Checkup(name, good=False, words=_said(error), todo=error.todo, ending=error.exit_code)
        return
    words = f"{shown}, PostgreSQL {identity.server_version}, as {identity.role}"
    yield Checkup(name, good=True, words=f"{words} (system identifier {identity.system_identifier})")
    yield from unreachable
    yield from _rights(context, identity)
    yield _client(context, identity)


def _unreachable(context: Context, session: Session) -> Generator[Checkup]:
    """What keeps the program that applies the migrations from a server that we have reached."""
    if not context.project.migrations.by_tool:
        return
    try:
        program = program_of(context)
    except PipelineError:  # told already
        return
    try:
        program.must_reach(place_of_session(session))
    except PipelineError as error:
        yield Checkup(f"{context.environment.name} runner", good=False, words=_said(error), todo=error.todo)


def _said(error: PipelineError) -> str:
    return f"{error.what}: {error.why}" if error.why else error.what


def _rights(context: Context, identity: Identity) -> Generator[Checkup]:
    name = f"{context.environment.name} rights"
    environment = context.environment
    excess = [power for power in identity.powers if power not in environment.role.allow]
    if excess and environment.protected:
        yield Checkup(
            name,
            good=False,
            words=f"{identity.role} has power over the whole server: {', '.join(excess)}",
            todo="migrate as a role that owns the managed schemas and nothing else",
            ending=ExitCode.REFUSED,
        )
    if identity.may_create_schema:
        yield Checkup(name, good=True, words=f"{identity.role} may create our schema")
    else:
        yield Checkup(
            name,
            good=False,
            words=f"{identity.role} may not create our schema",
            todo=f"have a DBA run: create schema {SCHEMA} authorization {quote(identity.role)};",
        )


def _client(context: Context, identity: Identity) -> Checkup:
    name = f"{context.environment.name} pg_dump"
    try:
        client = installations.choose_client(identity.major, context.environ)
    except PipelineError as error:
        return Checkup(name, good=False, words=error.what, todo=error.todo)
    return Checkup(name, good=True, words=f"{client.version} ({client.origin})")
