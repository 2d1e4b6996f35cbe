"""What is wrong with a tree: a complaint names the key that it is about, whatever file the tree is from."""

from typing import NamedTuple, TypeAlias

from pipeline.shapes.words import shown

KeyPath: TypeAlias = tuple[str | int, ...]


class Complaint(NamedTuple):
    """A problem before it has a place: the key it is about, or (``on_key``) the name of that key itself."""

    path: KeyPath
    message: str
    hint: str | None = None
    on_key: bool = False


class Unfit(Exception):
    """A value is not of the kind that is asked for; the paths of ``complaints`` begin at the value."""

    def __init__(self, *complaints: Complaint) -> None:
        super().__init__(*complaints)
        self.complaints = complaints

    def below(self, part: str | int) -> tuple[Complaint, ...]:
        """The complaints as they are about the value of that key or index."""
        return tuple(complaint._replace(path=(part, *complaint.path)) for complaint in self.complaints)


def unfit(message: str, hint: str | None = None) -> Unfit:
    """The one complaint about a value as a whole."""
    return Unfit(Complaint((), message, hint))


def dotted(path: KeyPath) -> str:
    """A key as people write it: ``environments.prod.verify[0].sql``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in path)
    return text.removeprefix(".")
