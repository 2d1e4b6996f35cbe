"""One release in the three formats: what is applied twice or half would show in its rows and its catalog."""

from collections.abc import Mapping

ROWS = "INSERT INTO people SELECT n, 'P' || n || '@Example.org' FROM generate_series(1, 40) AS n;\n"
STEPS: Mapping[str, str] = {
    "create_people": f"CREATE TABLE people (id int PRIMARY KEY, email text, seen int DEFAULT 0);\n{ROWS}",
    "count_visits": "UPDATE people SET seen = seen + 1;\nALTER TABLE people ADD COLUMN entered text;\n",
    "index_emails": "CREATE UNIQUE INDEX CONCURRENTLY people_email ON people (email);\n",
    "add_up": """\
CREATE TABLE sums AS SELECT sum(seen) AS seen FROM people;
INSERT INTO people SELECT n, 'Q' || n FROM generate_series(41, 43) AS n;
UPDATE people SET seen = seen + 1, entered = email;
""",
    "drop_index": "DROP INDEX CONCURRENTLY people_email;\n",
    "count_again": "UPDATE sums SET seen = seen + (SELECT sum(seen) FROM people);\n",
}
"""Nothing of this can run twice unseen: the counts would be off, or an object would be there already.

There are no numbers from sequences, which go on after a rollback.
"""

FORMATS = ("flyway", "golang-migrate", "prisma")


def files(format_name: str) -> Mapping[str, str]:
    """The release as files of one format, by path."""
    named = {
        "flyway": "V{number}__{name}.sql",
        "golang-migrate": "{number:06}_{name}.up.sql",
        "prisma": "202601010000{number:02}_{name}/migration.sql",
    }[format_name]
    return {
        named.format(number=number, name=name): text
        for number, (name, text) in enumerate(STEPS.items(), start=1)
    }
