"""A script that wraps itself in BEGIN and COMMIT says what we do anyway: it is one transaction.

The two are left out, so that its ledger row can be in the same one. A block with options of its own, or one of
several, says something else; the lint refuses it.
"""

import re
from collections.abc import Sequence

from pipeline.sql.statements import Statement

_OPENS = re.compile(r"(begin(\s+(work|transaction))?|start\s+transaction)$", re.IGNORECASE)
_CLOSES = re.compile(r"(commit|end)(\s+(work|transaction))?$", re.IGNORECASE)
_CONTROL = frozenset({"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})


def inner(statements: Sequence[Statement]) -> slice:
    """Which statements of a script are to run: those between its BEGIN and COMMIT where it is one block."""
    if not (
        len(statements) > 1
        and _OPENS.match(statements[0].text)
        and _CLOSES.match(statements[-1].text)
        and all(one.transactional and one.kind not in _CONTROL for one in statements[1:-1])
    ):
        return slice(None)
    return slice(1, -1)
