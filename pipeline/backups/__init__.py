"""Dump, restore, manifest, store, retention."""
