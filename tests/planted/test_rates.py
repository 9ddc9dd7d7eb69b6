"""Planted mistakes: every one is found; how often its line is named first, mended, and never mended wrongly.

A sample from small files runs always. The full count, with a table by kind:

    GRADCHECK_MUTANTS=330 GRADCHECK_SEED=2 .venv/bin/python -m pytest -m quality tests/planted -s
"""

import os

import pytest
from planting.looks import look_at, table
from planting.mutants import sample

MUTANTS = int(os.environ.get("GRADCHECK_MUTANTS", "40"))
SEED = int(os.environ.get("GRADCHECK_SEED", "1"))
LARGEST = 30 if MUTANTS <= 40 else 100  # parameters of a file
FRESH = range(1000, 1020)
pytestmark = pytest.mark.quality


@pytest.fixture(scope="module")
def looks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    found = [look_at([mutant], folder, FRESH) for mutant in sample(MUTANTS, SEED, LARGEST)]
    print("\n" + table(found))
    return found


def test_every_mistake_is_found(looks):
    assert [look.name for look in looks if not look.detected] == []
