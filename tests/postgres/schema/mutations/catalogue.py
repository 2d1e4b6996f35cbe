"""The whole catalogue, as one list."""

from tests.postgres.schema.mutations import (
    aggregates,
    code,
    indexes,
    operators,
    settings,
    tables,
    text_search,
    types,
)

MUTATIONS = [
    *tables.SCHEMAS,
    *tables.TABLES,
    *tables.COLUMNS,
    *tables.CONSTRAINTS,
    *indexes.INDEXES,
    *indexes.PARTITIONS,
    *indexes.SEQUENCES,
    *code.VIEWS,
    *code.ROUTINES,
    *code.TRIGGERS,
    *aggregates.AGGREGATES,
    *operators.OPERATORS,
    *operators.METHODS,
    *operators.CASTS,
    *operators.CONVERSIONS,
    *operators.COLLATIONS,
    *text_search.PARSERS,
    *text_search.CONFIGURATIONS,
    *types.TYPES,
    *types.DATABASE,
    *settings.SETTINGS,
]
