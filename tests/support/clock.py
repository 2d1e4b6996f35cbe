"""A wall clock that is wrong: a small library that a process loads first, and that moves only this clock."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long calls;

static time_t moved(void) {
    const char *by = getenv("CLOCK_MOVED_BY");
    long seconds = by ? atol(by) : 0;
    return getenv("CLOCK_JUMPS") && calls++ % 2 ? -seconds : seconds;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(which, now);
    if (which == CLOCK_REALTIME) now->tv_sec += moved();
    return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (into) *into = exact.tv_sec;
    return exact.tv_sec;
}
"""


@cache
def missing_compiler() -> str | None:
    """The reason why no clock can be moved here, or None."""
    return None if shutil.which("cc") else "no C compiler cc (Debian: gcc)"


def moved_clock(folder: Path, seconds: int, *, jumps: bool = False) -> dict[str, str]:
    """Variables for a process whose wall clock is ``seconds`` ahead; or now ahead and now behind."""
    library = folder / "clock.so"
    if not library.exists():
        argv = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), "-x", "c", "-", "-ldl"]
        subprocess.run(argv, input=SOURCE, text=True, check=True)
    moved = {"LD_PRELOAD": str(library), "CLOCK_MOVED_BY": str(seconds)}
    return {**moved, "CLOCK_JUMPS": "1"} if jumps else moved
