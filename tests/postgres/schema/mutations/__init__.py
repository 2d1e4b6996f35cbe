"""A catalogue of single changes, each of which makes exactly one difference."""
