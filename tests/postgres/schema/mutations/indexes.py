"""Indexes, partitions and sequences."""

from tests.postgres.schema.mutations.mutation import COMMENTED, LABELLED, Mutation, added, anew

INDEX = "create index t_a on t (a);"
PARTITIONED = """
create table p (id int, at date) partition by range (at);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
"""
SEQUENCE = "create sequence s;"

INDEXES = [
    added("index", "public.t_a", INDEX),
    added("index", "public.t_a", "drop index t_a", INDEX),
    Mutation("index", "public.t_a", "definition", "drop index t_a; create index t_a on t (a desc)", INDEX),
    Mutation("index", "public.t_a", "definition", "alter index t_a set (fillfactor = 50)", INDEX),
    *(
        anew("index", "public.t_a", "definition", "drop index t_a", INDEX[:-1], f"create {definition}")
        for definition in (
            "unique index t_a on t (a)",
            "index t_a on t (a) include (n)",
            "index t_a on t (a) where n > 0",
            "index t_a on t using hash (a)",
            "index t_a on t (a text_pattern_ops)",
            'index t_a on t (a collate "C")',
            "index t_a on t (a nulls first)",
        )
    ),
    Mutation("index", "public.t_a", "tablespace", "alter index t_a set tablespace elsewhere", INDEX, 15),
    Mutation(
        "index",
        "public.t_a",
        "ready",
        "update pg_index set indisready = false where indexrelid = 't_a'::regclass",
        INDEX,
    ),
    Mutation("index", "public.t_a", "clustered", "alter table t cluster on t_a", INDEX),
    Mutation("index", "public.t_a", "comment", COMMENTED.format("index t_a"), INDEX),
    Mutation(
        "index",
        "public.t_u",
        "statistics of 1",
        "alter index t_u alter column 1 set statistics 500",
        "create index t_u on t (upper(a));",
    ),
    Mutation(
        "index",
        "public.t_a",
        "valid",
        "update pg_index set indisvalid = false where indexrelid = 't_a'::regclass",
        INDEX,
    ),
    Mutation(
        "index",
        "public.p1_i",
        "inherits",
        "alter index p_i attach partition p1_i",
        PARTITIONED
        + """
create table p2 partition of p default; create index p_i on only p (at); create index p1_i on p1 (at);""",
    ),
]

PARTITIONS = [
    Mutation(
        "table",
        "public.p1",
        "partition bound",
        """
alter table p detach partition p1;
alter table p attach partition p1 for values from ('2019-01-01') to ('2021-01-01')
""",
        PARTITIONED,
    ),
    Mutation(
        "trigger",
        "public.p1.tr",
        None,
        "alter table p1 disable trigger tr",
        PARTITIONED
        + """
create function tf() returns trigger language plpgsql as 'begin return new; end';
create trigger tr after insert on p for each row execute function tf();""",
    ),
]

SEQUENCES = [
    added("sequence", "public.s", SEQUENCE),
    Mutation("sequence", "public.s", "increment", "alter sequence s increment 2", SEQUENCE),
    Mutation("sequence", "public.s", "start", "alter sequence s start 5", SEQUENCE),
    Mutation("sequence", "public.s", "minimum", "alter sequence s minvalue 0", SEQUENCE),
    Mutation("sequence", "public.s", "maximum", "alter sequence s maxvalue 100", SEQUENCE),
    Mutation("sequence", "public.s", "cache", "alter sequence s cache 10", SEQUENCE),
    Mutation("sequence", "public.s", "cycle", "alter sequence s cycle", SEQUENCE),
    Mutation("sequence", "public.s", "owned by", "alter sequence s owned by t.id", SEQUENCE),
    Mutation("sequence", "public.s", "acl", "grant usage on sequence s to app", SEQUENCE),
    Mutation("sequence", "public.s", "comment", COMMENTED.format("sequence s"), SEQUENCE),
    Mutation("sequence", "public.s", "persistence", "alter sequence s set unlogged", SEQUENCE, 15),
    Mutation("sequence", "public.s", "owner", "alter sequence s owner to app", SEQUENCE),
    Mutation("sequence", "public.s", "type", "alter sequence s as int", "create sequence s maxvalue 100;"),
    Mutation(
        "sequence",
        "public.s",
        "security label mac",
        LABELLED.format("s", "regclass", "pg_class", 0),
        SEQUENCE,
    ),
]
