"""On a terminal: progress that lives, a last screen in colour, and neither where it is not wanted."""

import os
import re
from collections.abc import Mapping

import pexpect
import pytest

from tests.support.commands import argv, environment
from tests.support.projects import SmallProject

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def on_a_terminal(small: SmallProject, *arguments: str, **more: str) -> tuple[int, str]:
    """The exit code of a call on a terminal, and all that the terminal was sent."""
    program, *rest = argv(*arguments)
    environ: Mapping[str, str] = {**environment(small.environ), "TERM": "xterm-256color", **more}
    child: pexpect.spawn[str] = pexpect.spawn(
        program,
        rest,
        cwd=str(small.root),
        env=dict(environ),
        encoding="utf-8",
        dimensions=(40, 160),
        timeout=100,
    )
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus or 0, child.before or ""


def last_screen(sent: str) -> list[str]:
    """What stands below the progress, as a person reads it."""
    lines = [CONTROL.sub("", line) for line in sent.splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith(("PROMOTED", "REFUSED")))
    return [line for line in lines[first:] if line]


def test_progress_lives_and_the_last_screen_is_coloured(small: SmallProject) -> None:
    code, sent = on_a_terminal(small, "promote", "prod")
    assert code == 0, sent
    assert "rehearse every migration up, down, up" in sent
    screen = last_screen(sent)
    assert [line[0] for line in screen[1:7]] == ["✓"] * 6
    assert re.search(r"\x1b\[[0-9;]*m✓", sent)
    assert "\x1b[?25h" in sent[sent.rindex("\x1b[?25l") :]  # the cursor is given back


@pytest.mark.parametrize(("flags", "more"), [([], {"NO_COLOR": "1"}), (["--no-color"], {})])
def test_without_colour_there_is_none(small: SmallProject, flags: list[str], more: dict[str, str]) -> None:
    code, sent = on_a_terminal(small, "promote", "prod", *flags, **more)
    assert code == 0, sent
    assert not [found for found in COLOUR.findall(sent) if found not in {"\x1b[0m", "\x1b[m", "\x1b[1m"}]
    assert last_screen(sent)[0].startswith("PROMOTED  small → prod")


def test_a_terminal_that_can_do_nothing_gets_plain_lines(small: SmallProject) -> None:
    code, sent = on_a_terminal(small, "promote", "prod", TERM="dumb", NO_COLOR="")
    assert code == 0, sent
    assert "\x1b" not in sent


def test_a_refusal_on_a_terminal(small: SmallProject) -> None:
    small.write("V4__create_kind.sql", "CREATE TYPE kind AS ENUM ('a',, 'b');\n")
    code, sent = on_a_terminal(small, "promote", "prod")
    assert code == 3, sent
    assert "PROD IS UNCHANGED" in last_screen(sent)[0]


def test_reset_asks_and_takes_no_for_an_answer(small: SmallProject) -> None:
    small.configure(dev={"database": {"embedded": ".pipeline/dev"}})
    program, *rest = argv("reset", "dev")
    child: pexpect.spawn[str] = pexpect.spawn(
        program, rest, cwd=str(small.root), env=environment(small.environ), encoding="utf-8", timeout=60
    )
    child.expect("Type its name: ")
    child.sendline("prod")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 64
    assert "not confirmed" in (child.before or "")
    assert not os.path.lexists(small.root / ".pipeline" / "dev")
