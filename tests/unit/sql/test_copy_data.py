"""Data between COPY … FROM STDIN and a line with \\. alone is no SQL, and every place stays what it was."""

import pytest

from pipeline.sql.copy_data import around, copy_data
from pipeline.sql.split import split

SCRIPT = """\
insert into t values (1);
copy t (a, b) from stdin; -- the regulars
1\tit's; "odd" $$ /* é
\\N\t\\\\.
\\.
select 2;
COPY u FROM STDIN WITH (FORMAT csv);
\\.
select 3
"""


def test_statements_around_data_keep_their_places() -> None:
    found = split(SCRIPT)
    assert [(one.kind, one.line) for one in found] == [
        ("INSERT", 1),
        ("COPY", 2),
        ("SELECT", 6),
        ("COPY", 7),
        ("SELECT", 9),
    ]
    assert [one.data.text if one.data else None for one in found] == [
        None,
        '1\tit\'s; "odd" $$ /* é\n\\N\t\\\\.\n',
        None,
        "",
        None,
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_data_is_fed_as_it_stands_with_any_line_ends(ends: str) -> None:
    (statement, after) = split(f"copy t from stdin;{ends}1{ends}2{ends}  \\.  {ends}select 1")
    assert statement.data is not None
    assert statement.data.text == f"1{ends}2{ends}"
    assert (after.line, after.column) == (5, 1)


@pytest.mark.parametrize(
    "script",
    [
        "insert into t values ('copy t from stdin;');\nselect 1",
        "-- copy t from stdin;\nselect 1",
        "create function f() returns text begin atomic select 'stdin'; end;\nselect 1",
        "create table stdin (copy int);\nselect 1 from stdin;",
        "do $$ begin raise notice 'copy from stdin;'; end $$;\nselect 1",
    ],
)
def test_what_only_speaks_of_it_has_no_data(script: str) -> None:
    assert copy_data(script) == ()


def test_sql_and_data_and_the_lines_that_end_it_are_the_whole_script() -> None:
    fed = copy_data(SCRIPT)
    sql = [SCRIPT[start:end] for start, end in around(SCRIPT, fed)]
    assert (len(sql), len(fed)) == (3, 2)
    assert sql[0] + fed[0].text + "\\.\n" + sql[1] + fed[1].text + "\\.\n" + sql[2] == SCRIPT
    assert not any("odd" in part for part in sql)
