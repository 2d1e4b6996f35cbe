"""Make the example's prod anew at an older version, with a few thousand rows: something to promote on data."""

import os
import sys
from pathlib import Path

from pipeline.cli.main import run
from pipeline.config.load import load
from pipeline.postgres.connect import connected
from pipeline.progress import Silent
from pipeline.steps.context import Context
from pipeline.steps.deadline import Deadline
from pipeline.steps.targets import opened

VERSION = "5"
HERE = Path(__file__).resolve().parent
ROWS = HERE / "demo_rows.sql"


def load_rows() -> None:
    """Fill the shop's tables, as its application would have done."""
    project = load(HERE.parent / "environments.yaml", os.environ)
    prod = project.environment("prod")
    context = Context(project, prod, os.environ, Silent(), "demo", Deadline(prod.limits.run))
    with opened(context) as target, connected(target, purpose="demo") as session:
        session.connection.execute("set search_path = public")
        session.connection.execute(ROWS.read_bytes())
        count = session.connection.execute("select count(*) from public.order_items").fetchone()
    items = count[0] if count else 0
    print(f"prod is at version {VERSION}, with {items} order items. Next: make promote ENV=prod")


def main() -> int:
    """Reset, promote to the older version, load the rows."""
    for call in (["reset", "prod", "--yes", "-q"], ["promote", "prod", "--to", VERSION]):
        code = run(call)
        if code:
            return code
    load_rows()
    return 0


if __name__ == "__main__":
    sys.exit(main())
