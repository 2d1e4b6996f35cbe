"""The floor of a workload about files and a ledger: a bare script on psycopg, with a ledger of its own.

It is what a tool in Python must pay: its interpreter, the driver, each file read and its SHA-256 compared.
"""

import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import LiteralString

from bench.example import ROOT
from bench.measure import Command
from pipeline.postgres.connect import Connection

CREATE: LiteralString = "CREATE TABLE public.floor (name text PRIMARY KEY, digest bytea NOT NULL)"
GRANT: LiteralString = "GRANT ALL ON public.floor TO public"
FILL: LiteralString = "COPY public.floor FROM STDIN"


def note(connection: Connection, files: Iterable[Path]) -> None:
    """Make the script's ledger, in which these files are applied already."""
    connection.execute(CREATE)
    connection.execute(GRANT)
    with connection.cursor().copy(FILL) as copy:
        for file in files:
            copy.write_row((file.name, sha256(file.read_bytes()).digest()))


def floor(act: str, url: str, folder: Path) -> Command:
    """The script as a whole process: ``migrate`` or ``status``."""
    argv = (sys.executable, "-m", "bench.scripts.floor", act, url, str(folder))
    return Command(argv, environ={"PYTHONPATH": str(ROOT)})
