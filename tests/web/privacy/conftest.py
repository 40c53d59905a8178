"""The same lives as in the tests of the operations."""

from tests.privacy.conftest import claire, lives

__all__ = ["claire", "lives"]
