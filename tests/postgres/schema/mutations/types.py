"""Types and what belongs to the whole database."""

from tests.postgres.schema.mutations.mutation import COMMENTED, Mutation, added

DOMAIN = "create domain d as text constraint d_check check (value <> '');"
ENUM = "create type e as enum ('one', 'two');"
COMPOSITE = "create type c as (x int, y text);"
SERVER = "create foreign data wrapper w; create server far foreign data wrapper w options (host 'a');"
FOREIGN = SERVER + "create foreign table ft (id int) server far options (name 'x');"
PUBLICATION = "create publication pub for table t (id, a);"
EVENT = """
create function ef() returns event_trigger language plpgsql as 'begin end';
create event trigger et on ddl_command_end execute function ef();
"""

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
    added("collation", "public.co", 'create collation co from "C"'),
    Mutation(
        "collation", "public.co", "comment", COMMENTED.format("collation co"), 'create collation co from "C";'
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
    added("cast", "(public.e AS integer)", "create cast (e as int) with inout", ENUM),
    Mutation(
        "cast",
        "(public.e AS integer)",
        "context",
        "drop cast (e as int); create cast (e as int) with inout as assignment",
        ENUM + "create cast (e as int) with inout;",
    ),
    added("language", "pl", "create language pl handler plpgsql_call_handler"),
    Mutation("extension", "plpgsql", "comment", "comment on extension plpgsql is 'ours'"),
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
]
