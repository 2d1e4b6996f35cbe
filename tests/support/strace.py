"""Death at a system call: strace kills a process as it is about to make its nth call of a kind."""

import ctypes
import os
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

CALLS = ("sendto", "poll", "recvfrom", "write")
"""Before the server hears, while it is at work, before its answer is read, before a line of a file of ours."""

DEADLINE = 10.0
PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = -1


@cache
def missing_strace() -> str | None:
    """The reason why nothing can be traced here, or None."""
    strace = shutil.which("strace")
    if strace is None:
        return "no program strace (Debian: strace)"
    tried = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"strace may not trace: {tried.stderr.strip()}"


def die_at_call(call: str, number: int) -> None:
    """From now on: SIGKILL, as soon as the thread that says so is about to make its nth such call.

    Other threads do not count, so that the same number means the same place in every run.
    """
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)  # by a child, which may not otherwise
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    argv = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject, "-p", str(os.getpid())]
    tracing = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text(encoding="ascii"):
        if tracing.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError("strace does not trace us")
        time.sleep(0.002)
