"""Has the release passed the environments it must pass first?"""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.config.project import ThrowawayDatabase
from pipeline.formats.model import Disposition, Migration, Release
from pipeline.steps.context import Context
from pipeline.steps.look import look


def not_passed(context: Context, release: Release, pending: Sequence[Migration]) -> tuple[str, ...]:
    """What is pending here and not applied in a required live environment, in words.

    A required throwaway environment is passed by rehearsing, which every promotion does.
    """
    missing: list[str] = []
    for name in context.environment.requires:
        required = context.project.environment(name)
        if isinstance(required.database, ThrowawayDatabase):
            continue
        seen = look(replace(context, environment=required), release)
        applied = {
            state.migration.label
            for state in seen.states
            if state.disposition is Disposition.APPLIED and state.migration is not None
        }
        missing += [f"{one.title} is not applied in {name}" for one in pending if one.label not in applied]
    return tuple(missing)
