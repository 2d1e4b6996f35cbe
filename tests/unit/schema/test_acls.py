"""What an ACL grants is told beyond what its owner has anyway."""

import pytest

from pipeline.schema.acls import Acl, Grant, from_rows

OWNERS = {Grant("me", "me", "SELECT", grantable=False), Grant("me", "me", "UPDATE", grantable=False)}


def to(grantee: str, *privileges: str, option: bool = False, by: str = "me") -> set[Grant]:
    return {Grant(by, grantee, privilege, option) for privilege in privileges}


@pytest.mark.parametrize(
    ("granted", "canonical"),
    [
        (OWNERS, None),
        (OWNERS | to("app", "SELECT"), "app=SELECT"),
        (OWNERS | to("app", "UPDATE", "SELECT"), "app=ALL"),
        (OWNERS | to("app", "UPDATE", "SELECT", option=True), "app=ALL*"),
        (OWNERS | to("app", "UPDATE") | to("app", "SELECT", option=True), "app=SELECT*,UPDATE"),
        (OWNERS | to("app", "UPDATE", by="boss"), "app=UPDATE/boss"),
        (OWNERS | to("b", "SELECT") | to('"A b"', "SELECT"), '"A b"=SELECT; b=SELECT'),
        (to("me", "SELECT"), "-me=UPDATE"),
        (set[Grant](), "-me=ALL"),
    ],
)
def test_grants_read_in_one_form(granted: set[Grant], canonical: str | None) -> None:
    assert Acl("me", granted, OWNERS).canonical() == canonical


def test_a_schemas_default_privileges_stand_alone() -> None:
    granted = to("app", "SELECT", "UPDATE") | to("me", "SELECT")
    assert Acl("me", granted, OWNERS).canonical(beyond_default=False) == "app=ALL; me=SELECT"


def test_a_privilege_that_only_a_newer_server_knows_does_not_show() -> None:
    newer = OWNERS | to("me", "MAINTAIN")
    old = Acl("me", OWNERS | to("app", "SELECT", "UPDATE"), OWNERS)
    new = Acl("me", newer | to("app", "SELECT", "UPDATE", "MAINTAIN"), newer)
    assert old.canonical() == new.canonical() == "app=ALL"


def test_rows_of_one_acl_come_together() -> None:
    found = from_rows(
        [
            ("r", "me", "{x}", False, "me", "app", "SELECT", False),
            ("r", "me", "{x}", True, "me", "me", "SELECT", False),
            ("r", "me", "{y}", False, "me", "app", "UPDATE", False),
        ]
    )
    assert found["r", "me", "{x}"].canonical() == "app=ALL; -me=ALL"
    assert found["r", "me", "{y}"].canonical() == "app=UPDATE"
