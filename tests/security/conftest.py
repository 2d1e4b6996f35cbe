"""The small project of the scenarios."""

from tests.scenarios.conftest import older, small

__all__ = ["older", "small"]
