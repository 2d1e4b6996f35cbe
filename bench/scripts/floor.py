"""``migrate|status URL FOLDER``: the least that a migration tool on psycopg can do, with a ledger of its own.

It reads every file and compares its SHA-256 with the ledger's; a new one is sent together with its ledger row
as one message, which is one transaction. It takes no lock, parses nothing and knows no other tool's ledger.
"""

import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import psycopg

READ = "SELECT name, digest FROM floor"


def main(act: str, url: str, folder: str) -> None:
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        ledger = {str(name): bytes(digest) for name, digest in connection.execute(READ)}
        for name, content, state in _states(Path(folder), ledger):
            if act == "status":
                print(name, state)
            elif state == "pending":
                connection.execute(_script(name, content))


def _states(folder: Path, ledger: Mapping[str, bytes]) -> Iterator[tuple[str, bytes, str]]:
    for file in sorted(folder.iterdir(), key=_number):
        content, known = file.read_bytes(), ledger.get(file.name)
        assert known in {None, sha256(content).digest()}, f"{file.name} was edited"
        yield file.name, content, "pending" if known is None else "applied"


def _number(file: Path) -> int:
    return int(file.name[1:].partition("__")[0])


def _script(name: str, content: bytes) -> bytes:
    values = f"('{name}', '\\x{sha256(content).hexdigest()}')".encode()
    return b"BEGIN;\n" + content + b"\nINSERT INTO floor VALUES " + values + b";\nCOMMIT"


main(*sys.argv[1:])
