"""Types and what belongs to the whole database."""

from tests.postgres.schema.mutations.mutation import COMMENTED, LABELLED, Mutation, added, anew

DOMAIN = "create domain d as text constraint d_check check (value <> '');"
ENUM = "create type e as enum ('one', 'two');"
COMPOSITE = "create type c as (x int, y text);"
SERVER = "create foreign data wrapper w; create server far foreign data wrapper w options (host 'a');"
FOREIGN = SERVER + "create foreign table ft (id int) server far options (name 'x');"
PUBLICATION = "create publication pub for table t (id, a);"
BASE_TYPE = """
create type bt;
create function bt_in(cstring) returns bt language internal immutable strict as 'textin';
create function bt_out(bt) returns cstring language internal immutable strict as 'textout';
create function textrecv_bt(internal) returns bt language internal immutable strict as 'textrecv';
create type bt (input = bt_in, output = bt_out, storage = extended);
"""
LANGUAGE = "create or replace {} language pl handler {} inline plpgsql_inline_handler validator {}"
TRUSTED = LANGUAGE.format("trusted", "plpgsql_call_handler", "plpgsql_validator")
WRAPPER = "create foreign data wrapper w"
EVENT = """
create function ef() returns event_trigger language plpgsql as 'begin end';
create function ef2() returns event_trigger language plpgsql as 'begin end';
create event trigger et on ddl_command_end execute function ef();
"""
HANDLER = "create function fdw() returns fdw_handler language internal as 'heap_tableam_handler';"

TYPES = [
    added("type", "public.e", ENUM),
    Mutation("type", "public.e", "labels", "alter type e add value 'three'", ENUM),
    Mutation("type", "public.e", "labels", "alter type e add value 'zero' before 'one'", ENUM),
    Mutation("type", "public.e", "labels", "alter type e rename value 'one' to 'uno'", ENUM),
    Mutation("type", "public.e", "owner", "alter type e owner to app", ENUM),
    Mutation("type", "public.e", "acl", "revoke usage on type e from public", ENUM),
    Mutation("type", "public.e", "comment", COMMENTED.format("type e"), ENUM),
    added("attribute", "public.c.z", "alter type c add attribute z int", COMPOSITE),
    Mutation("attribute", "public.c.x", "type", "alter type c alter attribute x type bigint", COMPOSITE),
    Mutation("attribute", "public.c.x", "comment", COMMENTED.format("column c.x"), COMPOSITE),
    added("type", "public.ra", "create type ra as range (subtype = float8)"),
    Mutation(
        "type",
        "public.ra",
        "range",
        """
drop type ra; create type ra as range (subtype = float8, subtype_diff = float8mi)""",
        "create type ra as range (subtype = float8);",
    ),
    added("type", "public.shell", "create type shell"),
    anew("type", "public.shell", "form", "drop type shell", "create type shell", "create type shell as ()"),
    added(
        "domain constraint", "public.d.short", "alter domain d add constraint short check (value < 'x')", DOMAIN
    ),
    Mutation("domain", "public.d", "default", "alter domain d set default 'x'", DOMAIN),
    Mutation("domain", "public.d", "not null", "alter domain d set not null", DOMAIN),
    Mutation("domain", "public.d", "comment", COMMENTED.format("domain d"), DOMAIN),
    Mutation(
        "domain constraint",
        "public.d.d_check",
        "comment",
        COMMENTED.format("constraint d_check on domain d"),
        DOMAIN,
    ),
    Mutation(
        "domain constraint",
        "public.d.late",
        "validated",
        "alter domain d validate constraint late",
        DOMAIN + "alter domain d add constraint late check (value < 'x') not valid;",
    ),
    Mutation("type", "public.c", "owner", "alter type c owner to app", COMPOSITE),
    Mutation("type", "public.c", "comment", COMMENTED.format("type c"), COMPOSITE),
    Mutation("type", "public.e", "security label mac", LABELLED.format("e", "regtype", "pg_type", 0), ENUM),
    Mutation(
        "attribute",
        "public.c.x",
        "security label mac",
        LABELLED.format("c", "regclass", "pg_class", 1),
        COMPOSITE,
        dumped=False,
    ),
    anew(
        "attribute",
        "public.c.y",
        "collation",
        "drop type c",
        COMPOSITE,
        'create type c as (x int, y text collate "C")',
    ),
    anew(
        "type",
        "public.ra",
        "range",
        "drop type ra",
        "create type ra as range (subtype = text)",
        'create type ra as range (subtype = text, collation = "C")',
    ),
    anew(
        "type",
        "public.ra",
        "range",
        "drop type ra",
        "create type ra as range (subtype = text)",
        "create type ra as range (subtype = text, subtype_opclass = text_pattern_ops)",
    ),
    anew(
        "type",
        "public.ra",
        "range",
        "drop type ra",
        "create type ra as range (subtype = float8)",
        "create type ra as range (subtype = float8, multirange_type_name = many)",
        14,
    ),
    *(
        Mutation("type", "public.bt", "base", f"alter type bt set ({option})", BASE_TYPE, since)
        for option, since in (
            ("storage = external", 13),
            ("receive = textrecv_bt", 13),
            ("typmod_in = varchartypmodin", 13),
            ("analyze = range_typanalyze", 13),
            ("subscript = raw_array_subscript_handler", 14),
        )
    ),
    added("domain", "public.d", "create domain d as text"),
    Mutation("domain", "public.d", "owner", "alter domain d owner to app", DOMAIN),
    Mutation("domain", "public.d", "acl", "revoke usage on type d from public", DOMAIN),
    anew("domain", "public.d", "type", "drop domain d", "create domain d as int", "create domain d as bigint"),
    anew(
        "domain",
        "public.d",
        "collation",
        "drop domain d",
        "create domain d as text",
        'create domain d as text collate "C"',
    ),
    Mutation(
        "domain constraint",
        "public.d.d_check",
        "definition",
        """
alter domain d drop constraint d_check; alter domain d add constraint d_check check (value <> 'x')""",
        DOMAIN,
    ),
]

DATABASE = [
    added("event trigger", "et", "drop event trigger et", EVENT),
    Mutation("event trigger", "et", "enabled", "alter event trigger et disable", EVENT),
    added("publication", "pub", "create publication pub"),
    Mutation(
        "publication", "pub", "publishes", "alter publication pub set (publish = 'insert')", PUBLICATION, 15
    ),
    Mutation("publication", "pub", "tables", "alter publication pub set table t (id)", PUBLICATION, 15),
    Mutation(
        "publication", "pub", "tables", "alter publication pub set table t where (id > 1)", PUBLICATION, 15
    ),
    Mutation(
        "publication",
        "pub",
        "schemas",
        "alter publication pub add tables in schema public",
        "create publication pub;",
        15,
    ),
    Mutation(
        "publication", "pub", "via root", "alter publication pub set (publish_via_partition_root)", PUBLICATION
    ),
    added("language", "pl", "create language pl handler plpgsql_call_handler"),
    Mutation(
        "extension",
        "citext",
        "comment",
        COMMENTED.format("extension citext"),
        "create schema more; create extension citext with schema more;",
    ),
    added("foreign-data wrapper", "w", "create foreign data wrapper w"),
    Mutation("foreign-data wrapper", "w", "acl", "grant usage on foreign data wrapper w to app", SERVER),
    Mutation("server", "far", "options", "alter server far options (set host 'b')", SERVER),
    Mutation("server", "far", "version", "alter server far version '2'", SERVER),
    Mutation("server", "far", "acl", "grant usage on foreign server far to app", SERVER),
    added("user mapping", "app on far", "create user mapping for app server far", SERVER),
    Mutation(
        "foreign table", "public.ft", "fdw options", "alter foreign table ft options (set name 'y')", FOREIGN
    ),
    added(
        "default privileges",
        "app in schema public on tables",
        "alter default privileges for role app in schema public grant select on tables to other",
    ),
    added(
        "default privileges",
        "app on functions",
        "alter default privileges for role app revoke execute on functions from public",
    ),
    Mutation(
        "default privileges",
        "app on tables",
        "acl",
        "alter default privileges for role app grant insert on tables to other",
        "alter default privileges for role app grant select on tables to other;",
    ),
    *(
        added("default privileges", f"app on {kind}", f"alter default privileges for role app {change}")
        for kind, change in (
            ("types", "revoke usage on types from public"),
            ("schemas", "grant usage on schemas to other"),
            ("sequences", "grant usage on sequences to other"),
        )
    ),
    added(
        "default privileges",
        "app on large objects",
        "alter default privileges for role app grant select on large objects to other",
        since=18,
    ),
    *(
        Mutation("event trigger", "et", what, change, EVENT)
        for what, change in {
            "owner": "alter event trigger et owner to superior",
            "comment": COMMENTED.format("event trigger et"),
            "tags": """drop event trigger et;
create event trigger et on ddl_command_end when tag in ('DROP TABLE') execute function ef()""",
            "event": "drop event trigger et; create event trigger et on sql_drop execute function ef()",
            "function": """drop event trigger et;
create event trigger et on ddl_command_end execute function ef2()""",
        }.items()
    ),
    *(
        Mutation("publication", "pub", what, change, "create publication pub;", since)
        for what, change, since in (
            ("owner", "alter publication pub owner to superior", 13),
            ("comment", COMMENTED.format("publication pub"), 13),
            ("all tables", "drop publication pub; create publication pub for all tables", 13),
            ("generated columns", "alter publication pub set (publish_generated_columns = stored)", 18),
        )
    ),
    *(
        Mutation("language", "pl", what, change, TRUSTED + ";")
        for what, change in {
            "owner": "alter language pl owner to app",
            "acl": "revoke usage on language pl from public",
            "comment": COMMENTED.format("language pl"),
        }.items()
    ),
    *(
        Mutation("language", "pl", what, change, TRUSTED + ";", dumped=False)
        for what, change in {
            "trusted": LANGUAGE.format("", "plpgsql_call_handler", "plpgsql_validator"),
            "inline": TRUSTED.replace("inline plpgsql_inline_handler", ""),
            "validator": TRUSTED.replace("validator plpgsql_validator", ""),
        }.items()
    ),
    Mutation(
        "language",
        "pl",
        "handler",
        LANGUAGE.format("trusted", "handler", "plpgsql_validator"),
        f"""
create function handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
{TRUSTED};""",
        dumped=False,
    ),
    *(
        Mutation("foreign-data wrapper", "w", what, change, f"{HANDLER} {WRAPPER};")
        for what, change in {
            "owner": "alter foreign data wrapper w owner to superior",
            "comment": COMMENTED.format("foreign data wrapper w"),
            "handler": "alter foreign data wrapper w handler fdw",
            "validator": "alter foreign data wrapper w validator postgresql_fdw_validator",
            "options": "alter foreign data wrapper w options (add debug 'yes')",
        }.items()
    ),
    *(
        Mutation("server", "far", what, change, SERVER)
        for what, change in {
            "owner": "alter server far owner to superior",
            "comment": COMMENTED.format("server far"),
            "options": "alter server far options (add password 'x')",
            "type": "drop server far; create server far type 'x' foreign data wrapper w options (host 'a')",
        }.items()
    ),
    anew(
        "server",
        "far",
        "wrapper",
        "drop server far",
        SERVER + "create foreign data wrapper w2",
        "create server far foreign data wrapper w2 options (host 'a')",
    ),
    added("user mapping", "PUBLIC on far", "create user mapping for public server far", SERVER),
    added("server", "far", "drop server far", SERVER),
    added("foreign table", "public.empty", "create foreign table empty () server far", SERVER),
    Mutation(
        "foreign table", "public.ft", "fdw options", "alter foreign table ft options (add token 'x')", FOREIGN
    ),
    Mutation("foreign table", "public.ft", "comment", COMMENTED.format("foreign table ft"), FOREIGN),
    Mutation("foreign table", "public.ft", "owner", "alter foreign table ft owner to app", FOREIGN),
    Mutation("foreign table", "public.ft", "acl", "grant select on ft to app", FOREIGN),
    anew(
        "foreign table",
        "public.ft",
        "server",
        "drop foreign table ft",
        f"{FOREIGN} create server near foreign data wrapper w",
        "create foreign table ft (id int) server near options (name 'x')",
    ),
    added("extension", "citext", "create extension citext with schema more", "create schema more;"),
    Mutation(
        "extension",
        "citext",
        "schema",
        "alter extension citext set schema more",
        "create schema less; create schema more; create extension citext with schema less;",
    ),
    Mutation(
        "extension",
        "citext",
        "version",
        "alter extension citext update",
        "create schema more; create extension citext with schema more version '1.4';",
        dumped=False,
    ),
]
