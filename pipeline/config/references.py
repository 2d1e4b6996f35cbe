"""Secrets by reference: ``${NAME}``, ``file:path`` and ``command:…`` name where a value is, never what it is.

A reference is resolved anew at every connect, since tokens expire. Nothing here puts a resolved value, or
text that might hide one, into a message.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote

from pipeline.errors import ConfigurationError
from pipeline.shapes.words import listed, shown

LARGEST: Final = 64 * 1024
_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NAMED = "write ${NAME}; $${ stands for a literal ${"

# runs argv with an environment in a folder: exit code and output; raises TimeoutError, or OSError
Run: TypeAlias = Callable[[Sequence[str], Mapping[str, str], Path], tuple[int, bytes]]


class Variable(NamedTuple):
    """The name of an environment variable, inside other text; ``encoded`` values go into a URL."""

    name: str
    encoded: bool = False


@dataclass(frozen=True, repr=False)
class Reference:
    """Text of the file that stands for a value elsewhere; ``where`` is its place, for messages.

    ``parts`` is literal text and variables in turn; ``scheme`` is ``file``, ``command`` or empty.
    """

    scheme: str
    parts: tuple[str | Variable, ...]
    where: str

    @classmethod
    def parse(cls, text: str, where: str = "") -> "Reference":
        """Understand the text without resolving it. Raises ConfigurationError."""
        scheme = next((known for known in ("file", "command") if text.startswith(f"{known}:")), "")
        body = text.removeprefix(f"{scheme}:") if scheme else text
        if scheme and not body.strip():
            raise ConfigurationError(
                f"`{scheme}:` needs something after it", where=where, todo="write file:path or command:program"
            )
        parts = tuple(_parts(body, where))
        if scheme == "command":
            _refuse_variables(parts, where)
            _argv(body, where)
        return cls(scheme, parts, where)

    @property
    def names(self) -> tuple[str, ...]:
        """The environment variables it names."""
        return tuple(part.name for part in self.parts if isinstance(part, Variable))

    def masked(self, mask: str) -> str:
        """The text with ``mask`` in place of every variable."""
        return "".join(mask if isinstance(part, Variable) else part for part in self.parts)

    def resolve(self, environ: Mapping[str, str], root: Path, run: Run) -> str:
        """The value; ``root`` is where relative paths and commands start. Raises ConfigurationError.

        ``run`` runs a command, see ``pipeline.config.commands``.
        """
        text = "".join(
            self._value(part, environ) if isinstance(part, Variable) else part for part in self.parts
        )
        if self.scheme == "file":
            return self._contents(root / text)
        if self.scheme == "command":
            return self._text(self._printed(run, _argv(text, self.where), environ, root), "the command printed")
        return text

    def __str__(self) -> str:
        if self.scheme == "command":
            return f"command:{shown(_argv(self.masked(''), self.where)[0])} …"
        written = "".join(f"${{{part.name}}}" if isinstance(part, Variable) else part for part in self.parts)
        return f"{self.scheme}:{written}" if self.scheme else written

    def __repr__(self) -> str:
        return f"Reference({self.scheme or listed(self.names)})"

    def _value(self, variable: Variable, environ: Mapping[str, str]) -> str:
        value = environ.get(variable.name)
        if value:
            return quote(value, safe="") if variable.encoded else value
        state = "not set" if value is None else "empty"
        raise ConfigurationError(
            f"the environment variable {variable.name} is {state}",
            where=self.where,
            todo=f"set {variable.name} for this command, or name another variable in the file",
        )

    def _contents(self, path: Path) -> str:
        try:
            if not path.is_file():
                raise self._error(f"{self} is not there, or not a file", "write the file, or correct its path")
            with path.open("rb") as stream:
                return self._text(stream.read(LARGEST + 1), "the file holds")
        except OSError as error:
            raise self._error(
                f"{self} cannot be read: {error.strerror}", "let this user read the file"
            ) from None

    def _text(self, content: bytes, source: str) -> str:
        if len(content) > LARGEST:
            raise self._error(f"{self}: {source} more than {LARGEST // 1024} KiB", "keep only the value in it")
        try:
            text = content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise self._error(f"{self}: {source} something that is not UTF-8", "keep only the value") from None
        if not text:
            raise self._error(f"{self}: {source} nothing", "put the value there")
        return text

    def _printed(self, run: Run, argv: Sequence[str], environ: Mapping[str, str], root: Path) -> bytes:
        try:
            status, output = run(argv, environ, root)
        except TimeoutError:
            raise self._error(f"{self} did not end in time", "run it by hand and see") from None
        except OSError as error:
            raise self._error(
                f"{self} cannot be started: {error.strerror}", "install it, or correct it"
            ) from None
        if status != 0 and len(output) <= LARGEST:
            raise self._error(f"{self} failed with exit code {status}", "run it by hand and see what it says")
        return output

    def _error(self, what: str, todo: str) -> ConfigurationError:
        return ConfigurationError(what, where=self.where, todo=todo)


def _parts(text: str, where: str) -> "list[str | Variable]":
    parts: list[str | Variable] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match.group() == "$${":
            parts.append("${")
        elif not match.group(2):
            raise ConfigurationError("`${` without its `}`", where=where, todo=_NAMED)
        elif _NAME.fullmatch(match.group(1)):
            parts.append(Variable(match.group(1)))
        else:
            raise ConfigurationError("`${…}` around something that is no name", where=where, todo=_NAMED)
    return [part for part in [*parts, text[end:]] if part]


def _refuse_variables(parts: Sequence[str | Variable], where: str) -> None:
    if any(isinstance(part, Variable) for part in parts):
        todo = "the command has the same environment: let it read the variable itself"
        raise ConfigurationError(
            "a value in the arguments of a command is visible to all", where=where, todo=todo
        )


def _argv(text: str, where: str) -> list[str]:
    try:
        argv = shlex.split(text)
    except ValueError:
        argv = []
    if not argv:
        raise ConfigurationError(
            "`command:` is not followed by a command", where=where, todo="close its quotes; no shell reads it"
        )
    return argv
