"""May we pass? Each gate asks about what was seen; its answer is findings, and errors close the way."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.checks.verdict import Verdict
from pipeline.config.pins import LOCK_FILE, Pin
from pipeline.config.project import EmbeddedDatabase, Environment
from pipeline.config.sections import Budgets, Drift
from pipeline.findings import Claim, ClaimName, Finding, Severity
from pipeline.formats.model import Disposition, MigrationState
from pipeline.postgres.books import SCHEMA
from pipeline.postgres.identity import Identity
from pipeline.sql.identifiers import quote

if TYPE_CHECKING:
    from pipeline.postgres.measure import Measured


def history(states: Sequence[MigrationState], resumable: Collection[str]) -> tuple[Finding, ...]:
    """Nothing edited, absent, failed or out of order; what we left half-way ourselves, we can resume."""
    return tuple(
        state.finding
        for state in states
        if state.disposition is Disposition.PROBLEM
        and state.finding is not None
        and not (state.migration is not None and state.migration.label in resumable)
    )


def role(identity: Identity, allowed: Collection[str], *, protected: bool) -> tuple[Finding, ...]:
    """A role that has power over the whole server has no business in a protected environment."""
    excess = [power for power in identity.powers if power not in allowed]
    if not (protected and excess):
        return ()
    return _errors(
        "role",
        [f"the migration role {identity.role!r} has power over the whole server: {', '.join(excess)}"],
        hint="connect as a role that owns the managed schemas and nothing else,"
        f" or allow it: role: {{allow: [{', '.join(excess)}]}}",
    )


def pinned(environment: Environment, pins: Mapping[str, Pin]) -> tuple[Finding, ...]:
    """A protected database that somebody else runs has a pin by which it is known."""
    if not environment.protected or isinstance(environment.database, EmbeddedDatabase):
        return ()
    if environment.name in pins:
        return ()
    return (
        Finding(
            rule="pinned",
            severity=Severity.WARNING,
            message=f"{environment.name} is not pinned: a clone of it would be taken for it",
            hint=f"pipeline pin {environment.name}, and commit {LOCK_FILE}",
        ),
    )


def continued(run_id: str, *, done: int, left: int) -> tuple[Finding, ...]:
    """An earlier promotion was cut off while it applied: this one goes on from there."""
    words = (
        f"{run_id} was cut off after {done} of its migrations: this run continues with the {left} that are left"
    )
    return (Finding("resumed", Severity.NOTE, words),) if left else ()


def restarted(run_id: str, step: str) -> tuple[Finding, ...]:
    """An earlier promotion was cut off before it applied anything: this one starts anew."""
    words = f"{run_id} was cut off at {step}, before anything was applied: this run starts anew"
    return (Finding("resumed", Severity.NOTE, words),)


def rights(identity: Identity, *, schema_there: bool) -> tuple[Finding, ...]:
    """Our records have a place, or the role may make one: known before the work, not after the rehearsal."""
    if schema_there or identity.may_create_schema:
        return ()
    return _errors(
        "rights",
        [f"{identity.role} may not make the schema {SCHEMA!r} that keeps our records"],
        hint=f"have a DBA run: create schema {SCHEMA} authorization {quote(identity.role)};",
    )


def drift(differences: Sequence[str], policy: Drift) -> tuple[Finding, ...]:
    """The target is what its history says; a hotfix made by hand would not be in the rehearsal's past."""
    severity = Severity.ERROR if policy.before == "block" else Severity.WARNING
    return tuple(
        Finding(
            rule="drift",
            severity=severity,
            message=f"it has moved by itself: {words}",
            hint="adopt the change in a migration, or take it back by hand; `pipeline drift` shows it all",
        )
        for words in differences
    )


def drift_beside(differences: Sequence[str]) -> tuple[Finding, ...]:
    """Drift that the release does not touch is no reason to wait; it is said all the same."""
    return tuple(
        Finding(
            rule="drift",
            severity=Severity.WARNING,
            message=f"it has moved by itself, where the release does not touch it: {words}",
            hint="`pipeline drift` shows the ways out; `drift.scope: all` would refuse",
        )
        for words in differences
    )


def unknown_drift(reason: str | None) -> tuple[Finding, ...]:
    """Nobody can say what the target should be: said loudly, since a hotfix would go unnoticed."""
    if reason is None:
        return ()
    return (Finding(rule="drift", severity=Severity.WARNING, message=f"drift was not examined: {reason}"),)


def parity(differences: Sequence[str]) -> tuple[Finding, ...]:
    """The copy is what the original was; a rehearsal on anything else proves nothing."""
    return _errors("parity", [f"the copy differs: {words}" for words in differences])


def checks(failing: Sequence[Verdict]) -> tuple[Finding, ...]:
    """Every check that was asked holds."""
    return _errors("check", [f"{verdict.name}: {verdict.words}" for verdict in failing])


def rehearsed_to_the_end(*, complete: bool) -> tuple[Finding, ...]:
    """A release that was not rehearsed to its end has no end to compare with."""
    return () if complete else _errors("rehearsal", ["it could not be rehearsed to the end"])


def unmoved(differences: Sequence[str]) -> tuple[Finding, ...]:
    """Under the lock, the target is still what was copied."""
    return _errors(
        "moved",
        [f"it moved since it was copied: {words}" for words in differences],
        hint="run again: the rehearsal starts from what is there now",
    )


def _errors(rule: str, messages: Sequence[str], *, hint: str | None = None) -> tuple[Finding, ...]:
    return tuple(Finding(rule=rule, severity=Severity.ERROR, message=text, hint=hint) for text in messages)


def passed(missing: Sequence[str]) -> tuple[Finding, ...]:
    """The release has passed every environment that this one requires."""
    return _errors("requires", missing, hint="promote it there first")


def rewrites(measured: "Sequence[Measured]", budgets: Budgets) -> tuple[Finding, ...]:
    """Rewrites that the budgets only warn of (``rewrite: warn``); where they deny, the claim does not hold."""
    if budgets.rewrite != "warn":
        return ()
    return tuple(
        Finding("rewrite", Severity.WARNING, f"{one.migration} line {one.line}: rewrites {rewrite.relation}")
        for one in measured
        for rewrite in one.rewrites
        if rewrite.rows >= budgets.min_rows
    )


def measurable(unmeasured: str, required: Collection[ClaimName]) -> tuple[Finding, ...]:
    """What nobody will measure is not required; known before the work, not after the rehearsal."""
    if ClaimName.SAFE_ON_THE_ROAD not in required:
        return ()
    hint = f"leave {ClaimName.SAFE_ON_THE_ROAD} out of the environment's `require`, or write runner: native"
    return _errors("safe-on-the-road", [unmeasured], hint=hint)


def claims(made: Sequence[Claim], required: Collection[ClaimName]) -> tuple[Finding, ...]:
    """Every required claim that has been examined holds, and none was left out; what is false comes first."""
    worst_first = sorted(made, key=lambda claim: claim.holds is None)
    return tuple(
        Finding(
            rule=claim.name.value.replace("_", "-"),
            severity=Severity.ERROR,
            message=claim.reason or claim.summary,
        )
        for claim in worst_first
        if claim.name in required and claim.holds is not True
    )


KNOWN_BEFORE_APPLY = frozenset({ClaimName.SAFE_ON_THE_ROAD, ClaimName.WAY_BACK, ClaimName.BACKUP_RESTORES})
"""Claims that must hold before anything is applied; the others can only be known under the lock, or after."""
