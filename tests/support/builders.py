"""Small values of ours, made with as few words as a test needs."""

from pipeline.findings import Claim, ClaimName
from pipeline.formats.model import Kind, Migration, Script, SourceFile
from pipeline.postgres.measure import Measured, Rewrite, TableLock
from pipeline.proof import Evidence, Outcome, ReleaseFacts, Stopped, TargetFacts
from pipeline.sql.split import split
from pipeline.steps.prepare import Prepared


def script(path: str, sql: str) -> Script:
    return Script(SourceFile(path, f"migrations/{path}", sql.encode()), sql)


def migration(
    version: str | None, up: str, down: str | None = None, *, name: str = "x", irreversible: str | None = None
) -> Migration:
    file = f"V{version}__{name}.sql" if version else f"R__{name}.sql"
    return Migration(
        kind=Kind.VERSIONED if version else Kind.REPEATABLE,
        version=version,
        name=name,
        script=file,
        up=script(file, up),
        down=script(f"U{version}__{name}.sql", down) if down is not None else None,
        checksum="1",
        irreversible=irreversible,
    )


def prepared(
    version: str | None, up: str, down: str | None = None, *, name: str = "x", irreversible: str | None = None
) -> Prepared:
    made = migration(version, up, down, name=name, irreversible=irreversible)
    return Prepared(made, split(up), split(down) if down is not None else ())


def measured(
    *, held_ms: float = 1.0, mode: str = "AccessExclusiveLock", rewrites: tuple[Rewrite, ...] = (), wal: int = 0
) -> Measured:
    return Measured(
        migration="1",
        line=1,
        kind="ALTER TABLE",
        duration_ms=held_ms,
        rows=0,
        wal_bytes=wal,
        locks=(TableLock("public.orders", mode, held_ms),),
        rewrites=rewrites,
    )


def all_claims(*, holds: bool | None = True) -> tuple[Claim, ...]:
    reason = None if holds else "because"
    return tuple(Claim(name, holds, "as it should be", reason=reason) for name in ClaimName)


def evidence(
    outcome: Outcome = Outcome.PROMOTED,
    *,
    claims: tuple[Claim, ...] | None = None,
    stopped: Stopped | None = None,
    exit_code: int = 0,
) -> Evidence:
    return Evidence(
        run_id="r1",
        project="shop",
        environment="prod",
        outcome=outcome,
        exit_code=exit_code,
        started_at="2026-01-01T00:00:00Z",
        finished_at="2026-01-01T00:00:09Z",
        release=ReleaseFacts("flyway", "sha256:0123456789abcdef", []),
        plan_digest="sha256:1",
        target=TargetFacts("db1/shop", "shop", "1", "18.6", "sha256:a", "sha256:b", "41", "44"),
        claims=all_claims() if claims is None else claims,
        steps=(),
        findings=(),
        stopped=stopped,
        not_covered=("application queries (none given)",),
    )
