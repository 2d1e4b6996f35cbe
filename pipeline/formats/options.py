"""The options of a format: under the tool's own names, known ones only, each of its own type."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from pipeline.errors import ConfigurationError

_WHERE = "migrations.options"


class Options:
    """A format's options as environments.yaml gives them, checked once.

    Raises ConfigurationError naming every option that nobody knows (with a "did you mean") and every one
    that the real tool knows and we do not build yet: an option without effect is never accepted.
    """

    def __init__(
        self,
        tool: str,
        given: Mapping[str, object],
        *,
        built: Sequence[str],
        known: Mapping[str, str] | None = None,
    ) -> None:
        self._tool = tool
        self._given = given
        problems = [self._problem(name, built, known or {}) for name in given if name not in built]
        if problems:
            raise ConfigurationError(
                "; ".join(problems), where=_WHERE, todo=f"options that work: {', '.join(built)}"
            )

    def _problem(self, name: str, built: Sequence[str], known: Mapping[str, str]) -> str:
        if name in known:
            return f"{self._tool} knows {name}, but {known[name]}"
        near = get_close_matches(name, [*built, *known], n=1)
        return f"{self._tool} has no option {name}" + (f" (did you mean {near[0]}?)" if near else "")

    def has(self, name: str) -> bool:
        """Whether the option is given at all."""
        return name in self._given

    def text(self, name: str, default: str) -> str:
        """A text that is not empty."""
        value = self._given.get(name, default)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, "a text that is not empty")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one, or of several with commas between."""
        value = self._given.get(name, default)
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",")]
        if not isinstance(value, Sequence) or not value:
            raise self._wrong(name, "a list of texts")
        texts: list[str] = []
        for part in value:  # pyright: ignore[reportUnknownVariableType]  # whatever YAML held
            if not isinstance(part, str) or not part:
                raise self._wrong(name, "a list of texts")
            texts.append(part)
        return tuple(texts)

    def mapping(self, name: str) -> dict[str, str]:
        """Texts by name; numbers and booleans are written as YAML writes them."""
        value = self._given.get(name, {})
        if not isinstance(value, Mapping):
            raise self._wrong(name, "a mapping of names to texts")
        result: dict[str, str] = {}
        for key, text in value.items():  # pyright: ignore[reportUnknownVariableType]  # whatever YAML held
            if not isinstance(key, str) or not isinstance(text, str | int | float):
                raise self._wrong(name, "a mapping of names to texts")
            result[key] = str(text).lower() if isinstance(text, bool) else str(text)
        return result

    def _wrong(self, name: str, wanted: str) -> ConfigurationError:
        return ConfigurationError(f"option {name} must be {wanted}", where=f"{_WHERE}.{name}")
