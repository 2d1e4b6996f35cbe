"""What an earlier run was making when it was cut off is no drift, and no difference of ours either."""

from collections.abc import Collection, Sequence

from pipeline.schema.diff import Difference


def besides(differences: Sequence[Difference], in_the_making: Collection[str]) -> tuple[Difference, ...]:
    """The differences that are not about indexes whose building or dropping was cut off."""
    return tuple(
        difference
        for difference in differences
        if difference.key.kind != "index" or _last_part(difference.key.name) not in in_the_making
    )


def _last_part(name: str) -> str:
    return name.rpartition(".")[2].strip('"')
