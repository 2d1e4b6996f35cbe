"""A physical copy of a running server: in recovery, waiting for more WAL for ever, or on its own (a clone)."""

import os
import subprocess
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from pipeline.postgres.target import Target
from pipeline.throwaway.places import server_account
from tests.support.processes import becomes, open_folder
from tests.support.servers import TestServer


def standby(server: TestServer, target: Target) -> AbstractContextManager[Target]:
    """``target`` as a standby of ``server`` has it."""
    return _copied(server, target, in_recovery=True)


def clone(server: TestServer, target: Target) -> AbstractContextManager[Target]:
    """``target`` as a physical copy of ``server`` has it that takes writes of its own."""
    return _copied(server, target, in_recovery=False)


@contextmanager
def _copied(server: TestServer, target: Target, *, in_recovery: bool) -> Generator[Target]:
    account = server_account()
    user, group = (account.uid, account.gid) if account else (None, None)
    parameters = target.resolve()
    with open_folder() as folder:
        if account:
            os.chown(folder, account.uid, account.gid)
        data = folder / "data"
        copy = [server.installation.program("pg_basebackup"), "-D", data, "-c", "fast", "-X", "stream"]
        where = ["-h", parameters["host"], "-p", parameters["port"], "-U", server.superuser]
        subprocess.run([*copy, *where], user=user, group=group, cwd=folder, check=True, capture_output=True)
        if in_recovery:
            (data / "standby.signal").touch()
        same = ("max_prepared_transactions=10", "allow_in_place_tablespaces=on")  # as its server has
        settings = ("listen_addresses=", "fsync=off", *same)
        options = ["-k", folder, *(part for setting in settings for part in ("-c", setting))]
        argv = [server.installation.program("postgres"), "-D", data, *options]
        with (data / "log").open("wb") as log:
            process = subprocess.Popen(argv, user=user, group=group, cwd=folder, stdout=log, stderr=log)
        try:
            words = b"ready to accept read-only" if in_recovery else b"ready to accept connections"
            ready = becomes(lambda: words in (data / "log").read_bytes(), 30)
            assert ready, (data / "log").read_text()
            yield target.elsewhere(host=str(folder))
        finally:
            process.terminate()
            process.wait(30)
