"""Aggregates: one change for each of their many properties."""

from tests.postgres.schema.mutations.mutation import COMMENTED, Mutation, added

FUNCTIONS = """
create function plus(int, int) returns int language sql immutable as 'select $1 + $2';
create function plus(bigint, int) returns bigint language sql immutable as 'select $1 + $2';
create function minus(int, int) returns int language sql immutable as 'select $1 - $2';
create function minus(bigint, int) returns bigint language sql immutable as 'select $1 - $2';
create function done(int) returns text language sql immutable as 'select ''x''';
create function done(int, int) returns text language sql immutable as 'select ''x''';
create function done(bigint) returns text language sql immutable as 'select ''x''';
"""
SIMPLE = "sfunc = plus, stype = int"
FINAL = f"{SIMPLE}, finalfunc = done"
MOVING = "sfunc = int4pl, stype = int, finalfunc = done, msfunc = plus, minvfunc = minus"
MOVING_TYPE = f"{MOVING}, mstype = int, mfinalfunc = done"
PARTIAL = (
    "sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg, combinefunc = numeric_avg_combine"
)
SERIAL = f"{PARTIAL}, deserialfunc = numeric_avg_deserialize"
DESERIAL = f"{PARTIAL}, serialfunc = numeric_avg_serialize"


def one(what: str, old: str, new: str, arguments: str = "int", name: str = "integer") -> Mutation:
    """The aggregate defined otherwise."""
    made = "create aggregate agg({}) ({});"
    return Mutation(
        "aggregate",
        f"public.agg({name})",
        what,
        f"drop aggregate agg({arguments}); " + made.format(arguments, new),
        FUNCTIONS + made.format(arguments, old),
    )


STANDING = f"{FUNCTIONS} create aggregate agg(int) ({SIMPLE});"
INT = "public.agg(integer)"

AGGREGATES = [
    added("aggregate", INT, f"create aggregate agg(int) ({SIMPLE})", FUNCTIONS),
    added("aggregate", INT, "drop aggregate agg(int)", STANDING),
    Mutation("aggregate", INT, "owner", "alter aggregate agg(int) owner to app", STANDING),
    Mutation("aggregate", INT, "acl", "revoke execute on function agg(int) from public", STANDING),
    Mutation("aggregate", INT, "comment", COMMENTED.format("aggregate agg(int)"), STANDING),
    Mutation(
        "aggregate",
        INT,
        "arguments",
        f"drop aggregate agg(int); create aggregate agg(named int) ({SIMPLE})",
        STANDING,
    ),
    one("parallel", SIMPLE, f"{SIMPLE}, parallel = safe"),
    one("state function", SIMPLE, "sfunc = int4mul, stype = int"),
    one("state type", FINAL, "sfunc = plus, stype = bigint, finalfunc = done"),
    one("state space", SIMPLE, f"{SIMPLE}, sspace = 100"),
    one("final function", f"{SIMPLE}, finalfunc = int4abs", f"{SIMPLE}, finalfunc = int4inc"),
    one("final function's extra arguments", FINAL, f"{FINAL}, finalfunc_extra"),
    one("final function modifies", FINAL, f"{FINAL}, finalfunc_modify = shareable"),
    one("combine function", SIMPLE, f"{SIMPLE}, combinefunc = int4pl"),
    one(
        "serial function",
        f"{SERIAL}, serialfunc = numeric_avg_serialize",
        f"{SERIAL}, serialfunc = int8_avg_serialize",
        "numeric",
        "numeric",
    ),
    one(
        "deserial function",
        f"{DESERIAL}, deserialfunc = numeric_avg_deserialize",
        f"{DESERIAL}, deserialfunc = int8_avg_deserialize",
        "numeric",
        "numeric",
    ),
    one(
        "moving state function",
        MOVING_TYPE,
        MOVING_TYPE.replace("msfunc = plus", "msfunc = minus"),
    ),
    one(
        "moving inverse function",
        MOVING_TYPE,
        MOVING_TYPE.replace("minvfunc = minus", "minvfunc = plus"),
    ),
    one(
        "moving state type",
        MOVING_TYPE,
        MOVING_TYPE.replace("mstype = int", "mstype = bigint"),
    ),
    one("moving state space", MOVING_TYPE, f"{MOVING_TYPE}, msspace = 100"),
    one(
        "moving final function",
        f"{SIMPLE}, msfunc = plus, minvfunc = minus, mstype = int, mfinalfunc = int4abs",
        f"{SIMPLE}, msfunc = plus, minvfunc = minus, mstype = int, mfinalfunc = int4inc",
    ),
    one("moving final function's extra arguments", MOVING_TYPE, f"{MOVING_TYPE}, mfinalfunc_extra"),
    one("moving final function modifies", MOVING_TYPE, f"{MOVING_TYPE}, mfinalfunc_modify = shareable"),
    one("sort operator", SIMPLE, f"{SIMPLE}, sortop = <"),
    one("initial state", f"{SIMPLE}, initcond = '0'", f"{SIMPLE}, initcond = '1'"),
    one("moving initial state", MOVING_TYPE, f"{MOVING_TYPE}, minitcond = '1'"),
    Mutation(
        "aggregate",
        "public.agg(integer, integer)",
        "form",
        """
drop aggregate agg(int order by int);
create aggregate agg(int order by int) (sfunc = plus, stype = int, hypothetical)""",
        f"{FUNCTIONS} create aggregate agg(int order by int) (sfunc = plus, stype = int);",
    ),
]
