"""SIGKILL of every user of a server, at many moments: nothing of it may be left."""

import os
import signal
import time
from pathlib import Path

import pytest

from pipeline.throwaway import supervisor
from pipeline.throwaway.cluster import PREFIX
from pipeline.throwaway.start import sweep
from tests.support.processes import becomes, kill, living, script, wait_for_line

HOLD = """
import os, sys, time
from pathlib import Path
from pipeline.programs.installations import choose
from pipeline.throwaway.binaries import within_reach
from pipeline.throwaway.cluster import start_throwaway
from pipeline.throwaway.places import server_account
installation = within_reach(choose(int(sys.argv[2]), os.environ), server_account())
print("go", flush=True)
cluster = start_throwaway(Path(sys.argv[1]), installation)
print(cluster.home, flush=True)
time.sleep(60)
"""
MOMENTS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.45, 0.7)


def decoys(base: Path) -> set[Path]:
    """What only looks like ours: no mark, a link, another name."""
    (base / f"{PREFIX}{os.geteuid()}-0123456789abcdef").mkdir()
    (base / f"{PREFIX}{os.geteuid()}-link").symlink_to(base)
    (base / "data").mkdir()
    return set(base.iterdir())


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_user_killed_while_its_server_starts_leaves_nothing(base: Path, moment: float) -> None:
    kept = decoys(base)
    holder = script(HOLD, base, 18)
    assert wait_for_line(holder) == "go"
    time.sleep(moment)
    kill(holder)
    assert becomes(lambda: set(base.iterdir()) == kept and not living(str(base))), living(str(base))


@pytest.mark.pg15
@pytest.mark.parametrize("major", [15, 18])
def test_a_user_killed_while_its_server_runs_leaves_nothing(base: Path, major: int) -> None:
    holder = script(HOLD, base, major)
    wait_for_line(holder)
    assert Path(wait_for_line(holder)).parent == base
    kill(holder)
    assert becomes(lambda: not list(base.iterdir()) and not living(str(base))), living(str(base))


def test_what_a_killed_supervisor_left_is_swept_and_decoys_and_the_living_are_not(base: Path) -> None:
    kept = decoys(base)
    alive, killed = script(HOLD, base, 18), script(HOLD, base, 18)
    homes = [Path([wait_for_line(holder) for _ in range(2)][1]) for holder in (alive, killed)]
    [supervising] = [int(p.name) for p in Path("/proc").glob("[0-9]*") if supervises(p, homes[1])][:1]
    os.kill(supervising, signal.SIGKILL)
    kill(killed)
    assert becomes(lambda: len([p for p in Path("/proc").glob("[0-9]*") if supervises(p, homes[1])]) == 0)
    assert (homes[1] / supervisor.DATA / "postmaster.pid").exists()
    # A process that dies loses its name a moment before its locks.
    assert becomes(lambda: sweep(base, [base]) == (str(homes[1]),))
    assert set(base.iterdir()) - {base / "templates"} == {*kept, homes[0]}
    assert not living(str(homes[1]))
    kill(alive)
    assert becomes(lambda: not homes[0].exists())


def supervises(process: Path, home: Path) -> bool:
    try:
        line = (process / "cmdline").read_text()
    except OSError:
        return False
    return "supervisor.py" in line and str(home) in line


def test_a_folder_of_ours_is_removed_whole(base: Path) -> None:
    home = base / "home"
    (home / "data").mkdir(parents=True)
    (home / supervisor.MARK).touch()
    supervisor.remove(home)
    assert not home.exists()
