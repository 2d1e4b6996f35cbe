"""What a copy does not carry: the database's own owner, privileges and settings, subscriptions; and secrets."""

from tests.postgres.schema.mutations.mutation import ON_DATABASE, Mutation

MADE = """
create subscription sub connection 'host=/nowhere password=hush' publication p1
  with (connect = false, slot_name = none, streaming = false{})"""
SUBSCRIPTION = MADE.format("") + ";"
SUB = "subscription sub: {}"
ALTERED = "alter subscription sub {}"


def setting(name: str, change: str, setup: str = "", *, new: bool = False, since: int = 13) -> Mutation:
    """A setting that changes, or (``new``) that is there only afterwards; pg_dump of a database tells none."""
    return Mutation("setting", name, None if new else "value", change, setup, since, dumped=False)


def subscribed(what: str, change: str, *, new: bool = False, since: int = 14) -> Mutation:
    """A subscription that is altered."""
    value = None if new else "value"
    return Mutation("setting", SUB.format(what), value, ALTERED.format(change), SUBSCRIPTION, since)


def subscribed_anew(what: str, option: str, since: int) -> Mutation:
    """What a subscription has only from its beginning."""
    change = f"drop subscription sub; {MADE.format(option)}"
    return Mutation("setting", SUB.format(what), "value", change, SUBSCRIPTION, since)


SETTINGS = [
    setting("database owner", ON_DATABASE.format("alter database %I owner to app")),
    setting("database acl", ON_DATABASE.format("grant create on database %I to app")),
    setting("database acl", ON_DATABASE.format("revoke connect on database %I from public")),
    setting("database comment", ON_DATABASE.format("comment on database %I is ''x''"), new=True),
    setting(
        "database security label mac",
        "insert into pg_shseclabel select oid, 'pg_database'::regclass, 'mac', 'secret' from pg_database"
        " where datname = current_database()",
        new=True,
    ),
    setting("database: work_mem", ON_DATABASE.format("alter database %I set work_mem = ''7MB''"), new=True),
    setting("role app: work_mem", "alter role app set work_mem = '7MB'", new=True),
    setting(
        "role app: work_mem", "alter role app set work_mem = '8MB'", "alter role app set work_mem = '7MB';"
    ),
    setting(
        "role app in database: work_mem",
        ON_DATABASE.format("alter role app in database %I set work_mem = ''7MB''"),
        new=True,
    ),
    setting(
        "role app: app.token", "alter role app set app.token = 'two'", "alter role app set app.token = 'one';"
    ),
    subscribed("publications", "set publication p2 with (refresh = false)"),
    subscribed("owner", "owner to superior"),
    subscribed("slot", "set (slot_name = 'taken')", new=True),
    subscribed("synchronous commit", "set (synchronous_commit = 'on')"),
    subscribed("binary", "set (binary = true)"),
    subscribed("streaming", "set (streaming = true)"),
    subscribed("disable on error", "set (disable_on_error = true)", since=15),
    subscribed("origin", "set (origin = none)", since=16),
    subscribed("password required", "set (password_required = false)", since=16),
    subscribed("run as owner", "set (run_as_owner = true)", since=16),
    subscribed_anew("failover", ", failover = true", 17),
    subscribed_anew("two phase", ", two_phase = true", 15),
    Mutation("setting", SUB.format("comment"), None, "comment on subscription sub is 'x'", SUBSCRIPTION, 14),
]

MAPPING = """
create foreign data wrapper w; create server far foreign data wrapper w;
create user mapping for app server far options (password 'hush');
"""

SECRETS = {
    "alter user mapping for app server far options (set password 'canary')": MAPPING,
    "alter user mapping for app server far options (add user 'canary')": MAPPING,
    "alter subscription sub connection 'host=/nowhere password=canary'": SUBSCRIPTION,
}
"""What pg_dump sees (as a superuser) and a snapshot must not."""
