"""Operators with their classes and families, access methods, casts, transforms, conversions, collations."""

from tests.postgres.schema.mutations.mutation import COMMENTED, Mutation, added, anew

FUNCTIONS = """
create function same(int, int) returns bool language sql immutable as 'select $1 = $2';
create function alike(int, int) returns bool language sql immutable as 'select $1 = $2';
"""
MADE = "create operator === (leftarg = int, rightarg = int, {})"
OPERATOR = f"{FUNCTIONS} {MADE.format('function = same')};"
INTS = "public.===(integer, integer)"

FAMILY = "create operator family fam using btree; create operator family fam2 using btree;"
FAM = "public.fam USING btree"
CLASS = """
create operator class cl for type int using btree family {} as operator 1 <, operator 2 <=, operator 3 =,
  operator 4 >=, operator 5 >, function 1 {}(int, int)"""
USUAL = CLASS.format("fam", "btint4cmp")
SORTED = f"""
create function compare(int, int) returns int language internal immutable strict as 'btint4cmp';
{FAMILY} {USUAL};"""
DEFAULT = "create operator class cl {} type e using btree family fam as function 1 enum_cmp(anyenum, anyenum)"
REMADE = "drop operator family {0} using {1} cascade; create operator family {0} using {1}"
"""Members may outlive their class in the family."""
STORED = "create operator class st for type int using gin family gin_fam as operator 1 ={}"
EMPTY = "create operator class st for type {} using gin family gin_fam as storage bigint"
NEAREST = """
create operator class near for type point using gist family gist_fam as
  operator 15 <-> (point, point) for order by {}"""
CL = "public.cl USING btree"

ENUM = "create type e as enum ('one', 'two');"
CAST = "create cast (e as int) with inout"
TO_INT = ENUM + "create function number(e) returns int language sql immutable as 'select 1';"
TRANSFORM_FUNCTIONS = """
create function there(internal) returns internal language internal immutable as 'numeric_support';
create function there2(internal) returns internal language internal immutable as 'numeric_support';
create function back(internal) returns int language internal immutable as 'numeric_support';
create function back2(internal) returns int language internal immutable as 'numeric_support';
"""
TRANSFORM = """
create or replace transform for int language plpgsql
  (from sql with function {}(internal), to sql with function {}(internal))"""
TRANSFORMED = TRANSFORM_FUNCTIONS + TRANSFORM.format("there", "back") + ";"
FOR_INT = "FOR integer LANGUAGE plpgsql"

CONVERSION = "create {} cv for 'LATIN1' to 'UTF8' from {}"
LATIN = CONVERSION.format("conversion", "iso8859_1_to_utf8")
COLLATION = "create collation co (locale = 'C')"
HEAP = "create access method heap2 type table handler heap_tableam_handler"

OPERATORS = [
    added("operator", INTS, MADE.format("function = same"), FUNCTIONS),
    added("operator", INTS, "drop operator === (int, int)", OPERATOR),
    added("operator", "public.~~~(NONE, integer)", "create operator ~~~ (rightarg = int, function = int4um)"),
    Mutation("operator", INTS, "owner", "alter operator === (int, int) owner to app", OPERATOR),
    Mutation("operator", INTS, "comment", COMMENTED.format("operator === (int, int)"), OPERATOR),
    Mutation("operator", INTS, "restrict", "alter operator === (int, int) set (restrict = eqsel)", OPERATOR),
    Mutation("operator", INTS, "join", "alter operator === (int, int) set (join = eqjoinsel)", OPERATOR),
    *(
        anew("operator", INTS, what, "drop operator === (int, int)", OPERATOR, MADE.format(clauses))
        for what, clauses in {
            "function": "function = alike",
            "commutator": "function = same, commutator = ===",
            "negator": "function = same, negator = !===",
            "hashes": "function = same, hashes",
            "merges": "function = same, merges",
        }.items()
    ),
    added("operator family", FAM, "create operator family fam using btree"),
    added("operator family", FAM, "drop operator family fam using btree", FAMILY),
    Mutation("operator family", FAM, "owner", "alter operator family fam using btree owner to app", FAMILY),
    Mutation("operator family", FAM, "comment", COMMENTED.format("operator family fam using btree"), FAMILY),
    Mutation(
        "operator family",
        FAM,
        "members",
        "alter operator family fam using btree add operator 1 < (int, bigint)",
        SORTED,
    ),
    Mutation(
        "operator family",
        FAM,
        "members",
        "alter operator family fam using btree add function 1 (int, bigint) btint48cmp(int, bigint)",
        SORTED,
    ),
    added("operator class", CL, USUAL, FAMILY),
    added("operator class", CL, "drop operator class cl using btree", SORTED),
    Mutation("operator class", CL, "owner", "alter operator class cl using btree owner to app", SORTED),
    Mutation("operator class", CL, "comment", COMMENTED.format("operator class cl using btree"), SORTED),
    *(
        anew("operator class", CL, what, "drop operator class cl using btree", SORTED, made)
        for what, made in {
            "members": CLASS.format("fam", "compare"),
            "family": CLASS.format("fam2", "btint4cmp"),
        }.items()
    ),
    anew(
        "operator class",
        CL,
        "default",
        REMADE.format("fam", "btree"),
        f"{ENUM} {FAMILY} {DEFAULT.format('for')}",
        DEFAULT.format("default for"),
    ),
    anew(
        "operator class",
        "public.st USING gin",
        "type",
        REMADE.format("gin_fam", "gin"),
        "create operator family gin_fam using gin; " + EMPTY.format("text"),
        EMPTY.format("varchar"),
    ),
    anew(
        "operator class",
        "public.st USING gin",
        "storage",
        REMADE.format("gin_fam", "gin"),
        "create operator family gin_fam using gin;" + STORED.format(""),
        STORED.format(", storage bigint"),
    ),
    anew(
        "operator family",
        "public.gist_fam USING gist",
        "members",
        REMADE.format("gist_fam", "gist"),
        f"create operator family gist_fam using gist; {FAMILY} {NEAREST.format('float_ops')}",
        NEAREST.format("fam"),
        14,
    ),
]

METHODS = [
    added("access method", "heap2", HEAP),
    Mutation("access method", "heap2", "comment", COMMENTED.format("access method heap2"), HEAP + ";"),
    anew(
        "access method",
        "heap2",
        "handler",
        "drop access method heap2",
        f"""{HEAP};
create function heaper(internal) returns table_am_handler language internal as 'heap_tableam_handler'""",
        "create access method heap2 type table handler heaper",
    ),
]

CASTS = [
    added("cast", "(public.e AS integer)", CAST, ENUM),
    Mutation(
        "cast",
        "(public.e AS integer)",
        "comment",
        COMMENTED.format("cast (e as int)"),
        f"{ENUM} {CAST};",
    ),
    anew(
        "cast",
        "(public.e AS integer)",
        "context",
        "drop cast (e as int)",
        ENUM + CAST,
        f"{CAST} as assignment",
    ),
    anew(
        "cast",
        "(public.e AS integer)",
        "context",
        "drop cast (e as int)",
        ENUM + CAST,
        f"{CAST} as implicit",
    ),
    anew(
        "cast",
        "(public.e AS integer)",
        "method",
        "drop cast (e as int)",
        TO_INT + CAST,
        "create cast (e as int) with function number(e)",
    ),
    added("transform", FOR_INT, TRANSFORM.format("there", "back"), TRANSFORM_FUNCTIONS),
    Mutation("transform", FOR_INT, "from sql", TRANSFORM.format("there2", "back"), TRANSFORMED),
    Mutation("transform", FOR_INT, "to sql", TRANSFORM.format("there", "back2"), TRANSFORMED),
    Mutation(
        "transform",
        FOR_INT,
        "comment",
        COMMENTED.format("transform for int language plpgsql"),
        TRANSFORMED,
    ),
]

CONVERSIONS = [
    added("conversion", "public.cv", LATIN),
    Mutation("conversion", "public.cv", "owner", "alter conversion cv owner to app", LATIN + ";"),
    Mutation("conversion", "public.cv", "comment", COMMENTED.format("conversion cv"), LATIN + ";"),
    anew(
        "conversion",
        "public.cv",
        "default",
        "drop conversion cv",
        LATIN,
        CONVERSION.format("default conversion", "iso8859_1_to_utf8"),
    ),
    anew(
        "conversion",
        "public.cv",
        "function",
        "drop conversion cv",
        f"""{LATIN};
create function latin1(int, int, cstring, internal, int, bool) returns int language c strict
  as '$libdir/utf8_and_iso8859_1', 'iso8859_1_to_utf8'""",
        CONVERSION.format("conversion", "latin1"),
        14,
    ),
    anew(
        "conversion",
        "public.cv",
        "from",
        "drop conversion cv",
        "create conversion cv for 'LATIN2' to 'UTF8' from iso8859_to_utf8",
        "create conversion cv for 'LATIN3' to 'UTF8' from iso8859_to_utf8",
    ),
    anew(
        "conversion",
        "public.cv",
        "to",
        "drop conversion cv",
        "create conversion cv for 'UTF8' to 'LATIN2' from utf8_to_iso8859",
        "create conversion cv for 'UTF8' to 'LATIN3' from utf8_to_iso8859",
    ),
]

COLLATIONS = [
    added("collation", "public.co", COLLATION),
    Mutation("collation", "public.co", "owner", "alter collation co owner to app", COLLATION + ";"),
    Mutation("collation", "public.co", "comment", COMMENTED.format("collation co"), COLLATION + ";"),
    anew(
        "collation",
        "public.co",
        "definition",
        "drop collation co",
        COLLATION,
        "create collation co (locale = 'POSIX')",
    ),
]
