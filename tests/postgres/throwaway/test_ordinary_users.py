"""The same as an ordinary user, who has no other account to run a server as."""

import os
import pwd
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline.throwaway.places import Account, reachable
from tests.support.processes import becomes, living

ROOT = Path(__file__).parents[3]
SCRIPT = """
import os, sys
from pathlib import Path
from pipeline.postgres.connect import connected
from pipeline.throwaway import embedded
base = Path(sys.argv[1])
with embedded.keep(base / "dev", database="shop", owner="migrator", environ=os.environ) as kept:
    with embedded.start(18, state=base / "state", environ=os.environ) as throwaway:
        for target in (kept.target("shop", "migrator"), throwaway.target("postgres")):
            with connected(target) as session:
                assert session.connection.execute("SELECT 1").fetchall() == [(1,)]
assert os.geteuid() != 0
embedded.forget(base / "dev")
print("fine")
"""


def interpreter(account: Account) -> str:
    """A Python of our version that this user can run, together with what is installed for us."""
    places = [ROOT, Path(sysconfig.get_path("platlib"))]
    for candidate in (
        Path(sys.executable),
        Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"),
    ):
        if candidate.exists() and all(reachable(place, account) for place in (candidate, *places)):
            return str(candidate)
    pytest.skip("an ordinary user of this machine can reach no Python, or not this checkout")


@pytest.mark.skipif(os.geteuid() != 0, reason="we are an ordinary user: every other test shows the same")
def test_an_ordinary_user_keeps_and_starts_servers_that_are_private_to_them(base: Path) -> None:
    entry = pwd.getpwnam("nobody")
    python = interpreter(Account("nobody", entry.pw_uid, entry.pw_gid))
    os.chown(base, entry.pw_uid, entry.pw_gid)
    completed = subprocess.run(
        [python, "-c", SCRIPT, str(base)],
        env={
            "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('platlib')}",
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
        },
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.stdout.strip() == "fine", completed.stderr
    assert becomes(lambda: not living(str(base)))
