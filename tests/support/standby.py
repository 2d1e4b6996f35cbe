"""A server in recovery: a copy of a running one that waits for more of its WAL for ever."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

from pipeline.postgres.target import Target
from pipeline.throwaway.places import server_account
from tests.support.processes import becomes, open_folder
from tests.support.servers import TestServer


@contextmanager
def standby(server: TestServer, target: Target) -> Generator[Target]:
    """``target`` as a standby of ``server`` has it."""
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
        (data / "standby.signal").touch()
        same = ("max_prepared_transactions=10", "allow_in_place_tablespaces=on")  # as its server has
        settings = ("listen_addresses=", "fsync=off", *same)
        options = ["-k", folder, *(part for setting in settings for part in ("-c", setting))]
        argv = [server.installation.program("postgres"), "-D", data, *options]
        with (data / "log").open("wb") as log:
            process = subprocess.Popen(argv, user=user, group=group, cwd=folder, stdout=log, stderr=log)
        try:
            ready = becomes(lambda: b"ready to accept read-only" in (data / "log").read_bytes(), 30)
            assert ready, (data / "log").read_text()
            yield target.elsewhere(host=str(folder))
        finally:
            process.terminate()
            process.wait(30)
