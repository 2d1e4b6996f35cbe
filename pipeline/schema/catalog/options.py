"""Options of foreign objects: of one whose name sounds like a secret, only a digest is told."""

from typing import Final, LiteralString

_OPTIONS: Final[LiteralString] = """
  (select pg_catalog.string_agg(case when o.option_name ~* '(pass|secret|token|key)'
      then o.option_name || '=(hidden) ' || pg_catalog.left(
        pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(o.option_value, 'UTF8')), 'hex'), 12)
      else o.option_name || '=' || o.option_value end, ', ' order by o.option_name collate "C")
    from pg_catalog.pg_options_to_table($options) o)"""


def options_of(column: LiteralString) -> LiteralString:
    """The expression for the options in ``column`` (text[]), by name."""
    return _OPTIONS.replace("$options", column)
