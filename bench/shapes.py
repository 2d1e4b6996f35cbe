"""A database of many ordinary tables, made fast: what snapshots and comparisons are measured on.

Each table has ten columns, a primary key, two indexes and two checks; every third a foreign key to the one
before, every tenth a view, a function, a trigger and a comment. Ten enums serve them all.
"""

from collections.abc import Iterator

from pipeline.postgres.connect import Connection

COLUMNS = 10
FOREIGN_KEY_EVERY = 3
EXTRAS_EVERY = 10
ENUMS = 10
AT_ONCE = 200
"""Tables in one transaction: each takes some ten locks, and the server has room for a few thousand."""


def build(connection: Connection, tables: int) -> None:
    """Make ``tables`` tables in an empty database, with all that hangs on them; leave planner statistics."""
    _run(connection, (f"CREATE TYPE kind_{number} AS ENUM ('new', 'open', 'done')" for number in range(ENUMS)))
    for start in range(1, tables + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, tables + 1))
        _run(connection, (text for number in numbers for text in statements(number)))
    connection.execute("VACUUM ANALYZE")


def statements(number: int) -> Iterator[str]:
    """What makes table ``number``, counted from 1; always the same."""
    name = f"t{number}"
    parent = f" REFERENCES t{number - 1} (id)" if number % FOREIGN_KEY_EVERY == 0 else ""
    yield (
        f"CREATE TABLE {name} (\n"
        "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
        f"    parent_id bigint{parent},\n"
        "    name text NOT NULL,\n"
        f"    kind kind_{number % ENUMS} NOT NULL DEFAULT 'new',\n"
        "    amount numeric(12, 2) NOT NULL DEFAULT 0,\n"
        "    quantity integer NOT NULL DEFAULT 1,\n"
        "    active boolean NOT NULL DEFAULT true,\n"
        "    note varchar(200),\n"
        "    details jsonb,\n"
        "    created_at timestamptz NOT NULL DEFAULT now(),\n"
        f"    CONSTRAINT {name}_amount_check CHECK (amount >= 0),\n"
        f"    CONSTRAINT {name}_quantity_check CHECK (quantity BETWEEN 1 AND 1000)\n"
        ")"
    )
    yield f"CREATE INDEX {name}_parent_id_idx ON {name} (parent_id)"
    yield f"CREATE INDEX {name}_name_created_at_idx ON {name} (lower(name), created_at) WHERE active"
    if number % EXTRAS_EVERY == 0:
        yield from _extras(name)


def _extras(table: str) -> Iterator[str]:
    yield f"CREATE VIEW {table}_open AS SELECT id, name, amount FROM {table} WHERE active"  # noqa: S608 (names are made here)
    yield (
        f"CREATE FUNCTION {table}_touch() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.created_at := now(); RETURN NEW; END $$"
    )
    yield (
        f"CREATE TRIGGER {table}_touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_touch()"
    )
    yield f"COMMENT ON TABLE {table} IS 'what {table} holds'"


def _run(connection: Connection, texts: Iterator[str]) -> None:
    """All statements as one message, which is one transaction."""
    connection.execute(";\n".join(["SET LOCAL search_path = public", *texts]).encode())
