r"""Scripts of every kind of statement, as hypothesis draws them; a server runs each of them in a transaction.

Each is a list of parts, so that a test knows what a splitter is to find. ``SETUP`` makes what they speak of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

SETUP = r"""
create table t (id int, "b;é" text);
create table "T ""; --" (id int);
create function add(int, int) returns int language sql as 'select $1 + $2';
create function negate(int) returns int language sql as 'select -$1';
create operator @- (rightarg = int, function = negate);
create operator */ (leftarg = int, rightarg = int, function = add);
create operator <@@# (leftarg = int, rightarg = int, function = add);
"""


@dataclass(frozen=True)
class Part:
    """A statement without its semicolon, what follows it up to the next one, and the data that it is fed."""

    sql: str
    gap: str
    data: str | None = None


def whole(parts: Sequence[Part]) -> str:
    """The script, with its data in it."""
    ends = (f"\n{one.data}\\.\n" if one.data is not None else one.gap for one in parts)
    return "".join(f"{one.sql};{end}" for one, end in zip(parts, ends, strict=True))


def without_data(parts: Sequence[Part]) -> str:
    """The SQL of the script."""
    return "".join(f"{one.sql};\n" if one.data is not None else f"{one.sql};{one.gap}" for one in parts)


_POISON = (
    *("a", ";", "--", "/*", "*/", "$", "$$", "$a$", "é", "日本", "😀", "\n", "\r\n", "\t", " ", "\u00a0"),
    *("\u2003", "%s", "${x}", ":x", "\\gset", "begin", "end", "commit;", "e", "E", "1"),
)
_quotes = st.lists(st.sampled_from([*_POISON, "''", '"', "\\"]), max_size=5).map("".join)
_ESCAPED = (*_POISON, "''", "\\'", "\\\\", "\\n", "\\x41;", '"')
_escaped = st.lists(st.sampled_from(_ESCAPED), max_size=5).map("".join)
_tags = st.sampled_from(["", "a", "body", "_1", "é", "A"])
_space = st.sampled_from(
    [" ", "\n", "\r\n", "\t", "  -- a; 'b\n", " /* a; $$ */ ", " /* a /* ; */ ' */ ", "\f"]
)
_GAPS = (" ", "\n", "\r\n", ";", "-- 'a;\n", "--\r", "/* ; */", "/* /* ' */ ; */", "\t", "-- 😀 $$\n")
_gaps = st.lists(st.sampled_from(_GAPS), max_size=3).map("".join)


def _dollar(tag: str, body: str) -> str:
    mark = f"${tag}$"
    return mark + body.replace("$", "") + mark


_FIXED = (
    *("U&'d\\0061t;'", "u&'!0061;' uescape '!'", "B'101'", "x'1F'", "n'a;'", "U&'\\+01F600'", "''''", "e''"),
)
_strings = st.one_of(
    _quotes.map("'{}'".format),
    _escaped.map("e'{}'".format),
    _escaped.map("E'{}'\n  '\\';'".format),
    _quotes.map("'a'\n'{}'".format),
    st.builds(_dollar, _tags, _quotes),
    st.sampled_from(_FIXED),
)
_NAMES = ("a", "é", "日本", "a$b", "_x1", 'U&"d\\0061t;a"', "u&\"!0061\" uescape '!'", '"select"', '"😀"')
_names = st.one_of(
    st.lists(st.sampled_from([*_POISON, '""', "'"]), min_size=1, max_size=5).map("".join).map('"{}"'.format),
    st.sampled_from(_NAMES),
)
_NUMBERS = (
    *("1", "1.", ".5", "1e5", "-1", "- -1", "@-1", "@- 1", "2*/3", "2 <@@# 3", "+1", "1::int", "|/4", "2^3"),
    *("1::text::int", "(1)", "cast(1 as int)", "int '1'", "case when true then 1 else 2 end", "1%2", "1/2"),
    *("(array[1,2,3])[1:2]", "(select 1)", "1|/*;*/2", "1-1", "1- -1", "1--;\n+1", "4::numeric(5,2)"),
    *("current_setting('a;', true)",),
)
_values = st.one_of(st.sampled_from(_NUMBERS), _strings)


def _select(values: Sequence[str], name: str, space: str) -> str:
    return f"select{space}{', '.join(values)} as{space}{name}"


def _atomic(body: Sequence[str], space: str) -> str:
    inner = "".join(f"{one}; " for one in body)
    return f"create or replace{space}function f() returns void begin{space}atomic {inner}{space}end"


def _code(tag: str, comment: str, frame: str) -> str:
    harmless = comment.replace("*", "").replace("/", "")
    return frame.format(_dollar(tag, f" begin perform 1; /* {harmless} */ end "))


_selects = st.builds(_select, st.lists(_values, min_size=1, max_size=3), _names, _space)
_FRAMES = (
    *("do {}", "do language plpgsql {}"),
    "create or replace function g() returns void as {} language plpgsql",
)
_OTHERS = (
    "create rule r as on insert to t do also (select 1; select 2)",
    "create schema s create table x () create view v as select 1",
    "create procedure p() begin atomic insert into t values (1, 'a;'); select case when true then 1 end; end",
    "insert into t values (1, 'a;'), (2, $$;$$)",
    "with x as (select 1 as id) insert into t (id) select id from x",
    "update t set \"b;é\" = ';' where id = 1",
    'delete from "T ""; --"',
    "comment on table t is e'it\\'s; $$'",
    "values (1, 'a;')",
    "table t",
    "(select 1) union all (select 2)",
    "create temporary table u (id int default 1, check (id <> ';'::text::char::int)) on commit drop",
    "set local application_name = ';'",
    "savepoint s",
    "lock table t in share mode",
    "notify x, ';'",
    "explain (costs off) select 1",
    "prepare p1 as select 1",
    "alter table t add column c int default (2*/3)",
    "truncate t",
)
_sql = st.one_of(
    _selects,
    _selects,
    st.builds(_atomic, st.lists(_selects, min_size=1, max_size=3), _space),
    st.builds(_code, _tags, _quotes, st.sampled_from(_FRAMES)),
    st.sampled_from(_OTHERS),
)
_LINES = ("1\ta;\n", "2\t'\n", "\\N\t$$ /*\n", "3\t-- é\n", "4\t\\\\.\n")
_data = st.lists(st.sampled_from(_LINES), max_size=3).map("".join)
_part = st.builds(Part, _sql, _gaps)
_fed = st.builds(Part, st.just("copy t from stdin"), st.just(""), _data)

parts = st.lists(st.one_of(_part, _part, _part, _part, _fed), min_size=1, max_size=6)
"""The parts of a script that PostgreSQL accepts from 14 on."""

_INSTEAD = ("", *_POISON, "'", '"', "(", ")", "E'", "U&'")
_cuts = st.tuples(st.integers(0, 400), st.integers(0, 6), st.sampled_from(_INSTEAD))


def _damaged(parts: Sequence[Part], cuts: Sequence[tuple[int, int, str]]) -> str:
    text = without_data([one for one in parts if one.data is None])
    for at, length, instead in cuts:
        start = at % (len(text) + 1)
        text = text[:start] + instead + text[start + length :]
    return text


damaged = st.builds(_damaged, parts, st.lists(_cuts, min_size=1, max_size=3))
"""Scripts in which something is missing or too much: many are wrong, some become others."""
