"""Whatever a test of this folder registers is gone after it."""

import pytest


@pytest.fixture(autouse=True)
def undone(registers):
    """Every table as it was."""
