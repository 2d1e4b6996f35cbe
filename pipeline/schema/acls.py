"""Access control lists in one canonical form: what an object grants beyond its owner's default, or lacks of it.

``NULL`` and the explicit default therefore read alike (None), and so do the same grants on two majors of which
one knows a privilege more. ``app=SELECT,UPDATE*`` grants (``*``: with grant option), ``-PUBLIC=EXECUTE`` is a
default taken away, ``/admin`` names a grantor other than the owner, ``ALL`` is every privilege of the kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Grant(NamedTuple):
    """One privilege held by one grantee (``PUBLIC`` or a quoted role name)."""

    grantor: str
    grantee: str
    privilege: str
    grantable: bool


@dataclass
class Acl:
    """One distinct ACL: what is granted, and what the owner's object would have without it."""

    owner: str
    granted: set[Grant] = field(default_factory=set[Grant])
    standard: set[Grant] = field(default_factory=set[Grant])

    def canonical(self, *, beyond_default: bool = True) -> str | None:
        """The canonical form; without ``beyond_default``, everything granted, as in schema-wide defaults."""
        standard = self.standard if beyond_default else set[Grant]()
        kinds = {grant.privilege for grant in self.standard if grant.grantee == self.owner}
        added = self._lines(self.granted - standard, kinds)
        lacking = self._lines(standard - self.granted, kinds)
        return "; ".join([*added, *(f"-{line}" for line in lacking)]) or None

    def _lines(self, grants: Iterable[Grant], kinds: set[str]) -> list[str]:
        held: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
        for grant in grants:
            held[grant.grantee, grant.grantor][grant.privilege] = grant.grantable
        return sorted(self._line(*who, privileges, kinds) for who, privileges in held.items())

    def _line(self, grantee: str, grantor: str, privileges: Mapping[str, bool], kinds: set[str]) -> str:
        by = "" if grantor == self.owner else f"/{grantor}"
        grantable = set(privileges.values())
        if kinds and kinds == set(privileges) and len(grantable) == 1:
            return f"{grantee}=ALL{'*' if grantable == {True} else ''}{by}"
        words = (f"{privilege}{'*' if option else ''}" for privilege, option in sorted(privileges.items()))
        return f"{grantee}={','.join(words)}{by}"


AclKey = tuple[str, str, str]
"""The object type's letter, the owner, and the ACL as the server prints it."""


AclRow = tuple[str, str, str, bool, str, str, str, bool]
"""``letter, owner, acl, standard`` and one grant: ``grantor, grantee, privilege, grantable``."""


def from_rows(rows: Iterable[AclRow]) -> dict[AclKey, Acl]:
    """The distinct ACLs that the rows of ``catalog.scope.ACLS`` tell of."""
    acls: dict[AclKey, Acl] = {}
    for letter, owner, text, standard, grantor, grantee, privilege, grantable in rows:
        acl = acls.setdefault((letter, owner, text), Acl(owner))
        (acl.standard if standard else acl.granted).add(Grant(grantor, grantee, privilege, grantable))
    return acls
