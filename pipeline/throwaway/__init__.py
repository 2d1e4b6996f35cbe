"""Databases that live for one run, and the embedded ones this tool keeps on disk."""
