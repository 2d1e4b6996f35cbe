"""A case: a folder with ``case.yaml`` and migrations, in the grammar that README.md explains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

import yaml

CASES = Path(__file__).parent / "cases"
ACTORS = ("ours", "theirs")
KEYS = frozenset({*ACTORS, "as", "edit", "sql", "expect", "ends", "while", "at once", "rows", "told"})
NOTHING = "nothing"
BY_HAND = "sql "


@dataclass(frozen=True)
class Step:
    """One step, as the file says it."""

    said: Mapping[str, object]

    def __post_init__(self) -> None:
        unknown = set(self.said) - KEYS
        assert not unknown, f"no such word in a step: {', '.join(unknown)}"

    @property
    def actor(self) -> str | None:
        """Who acts: ``ours``, ``theirs``, or None."""
        return next((actor for actor in ACTORS if actor in self.said), None)

    @property
    def command(self) -> str:
        """What the actor does."""
        return str(self.said[self.actor or ""])

    @property
    def ends(self) -> str:
        """How the act must end."""
        return str(self.said.get("ends", "ok"))

    @property
    def instead(self) -> str | None:
        """What the real program does in the reference database, if it is another thing."""
        if "as" in self.said:
            return str(self.said["as"])
        return NOTHING if self.actor == "ours" and self.ends != "ok" else None

    @property
    def beside(self) -> "Step | None":
        """Who is at work already while this one acts."""
        return Step(cast("Mapping[str, object]", self.said["while"])) if "while" in self.said else None

    @property
    def at_once(self) -> tuple["Step", ...]:
        """Who acts at the same time."""
        return tuple(Step(one) for one in cast("Sequence[Mapping[str, object]]", self.said.get("at once", ())))

    @property
    def edits(self) -> Mapping[str, str | None]:
        """Files to write, or to remove where there is no text."""
        return cast("Mapping[str, str | None]", self.said.get("edit", {}))

    @property
    def expected(self) -> list[str] | None:
        """The lines of our status, ``LABEL WORD`` each."""
        return cast("list[str] | None", self.said.get("expect"))

    @property
    def told(self) -> list[str]:
        """What our status says is wrong: the rules, in its order."""
        return cast("list[str]", self.said.get("told", []))

    @property
    def rows(self) -> Mapping[str, object]:
        """Questions to both databases, and their answers."""
        return cast("Mapping[str, object]", self.said.get("rows", {}))

    def __str__(self) -> str:
        return ", ".join(f"{word}: {text}" for word, text in self.said.items())


@dataclass(frozen=True)
class Case:
    """One case."""

    folder: Path
    said: Mapping[str, object] = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.format_name}: {self.folder.name}"

    @property
    def format_name(self) -> str:
        """The folder of cases that it lies in is named after the format."""
        return self.folder.parent.name

    @property
    def quick(self) -> bool:
        """Whether it is one of the few that always run."""
        return bool(self.said.get("quick", False))

    @property
    def settings(self) -> dict[str, object]:
        """What the case says of ``migrations:`` in environments.yaml."""
        wanted = ("schemas", "options", "out_of_order")
        given = {key: self.said[key] for key in wanted if key in self.said}
        return {"format": self.format_name, "path": "migrations", "schemas": ["public"], **given}

    @property
    def schemas(self) -> list[str]:
        return cast("list[str]", self.settings["schemas"])

    @property
    def options(self) -> Mapping[str, object]:
        return cast("Mapping[str, object]", self.settings.get("options", {}))

    @property
    def limits(self) -> dict[str, object]:
        """The limits of the environment."""
        return {"advisory_lock": "20s", **cast("Mapping[str, object]", self.said.get("limits", {}))}

    @property
    def before(self) -> str:
        """SQL that both databases get first."""
        return str(self.said.get("before", ""))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(step) for step in cast("Sequence[Mapping[str, object]]", self.said["steps"]))


def read(folder: Path) -> Case:
    """The case in ``folder``."""
    return Case(folder, cast("Mapping[str, object]", yaml.safe_load((folder / "case.yaml").read_text())))


def all_cases() -> list[Case]:
    """Every case there is, by format and name."""
    return [read(file.parent) for file in sorted(CASES.glob("*/*/case.yaml"))]
