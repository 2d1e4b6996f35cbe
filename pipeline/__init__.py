"""Promote PostgreSQL schema changes from dev through staging to prod, and hand back a proof."""

__version__ = "0.1.0"
