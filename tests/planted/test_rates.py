"""Planted mistakes: every one is found; how often its line is named first, mended, and never mended wrongly.

A sample from small files runs always. The full count, with a table by kind and every case that is not mended:

    GRADCHECK_MUTANTS=330 GRADCHECK_SEED=2 .venv/bin/python -m pytest -m quality tests/planted -s
"""

import os

import pytest
from planting.looks import look_at, table
from planting.mutants import pairs, sample

MUTANTS = int(os.environ.get("GRADCHECK_MUTANTS", "40"))
SEED = int(os.environ.get("GRADCHECK_SEED", "1"))
LARGEST, COUPLES = (9, 2) if MUTANTS <= 40 else (100, MUTANTS // 8)  # parameters of a file; pairs of mistakes
FRESH = range(1000, 1020)
ENOUGH = 0.75  # where 85 % come out so, at least 30 of 40 do in 97 of 100 samples
pytestmark = pytest.mark.quality


@pytest.fixture(scope="module")
def mutants():
    return sample(MUTANTS, SEED, LARGEST)


@pytest.fixture(scope="module")
def looks(mutants, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    found = [look_at([mutant], folder, FRESH) for mutant in mutants]
    print("\n" + table(found))
    return found


def test_every_mistake_is_found(looks):
    assert [look.name for look in looks if not look.detected] == []


def test_no_fix_is_wrong(looks):
    assert [(look.name, look.wrong) for look in looks if look.wrong] == []


def test_the_wrong_line_is_named_first(looks):
    assert sum(look.first for look in looks) >= ENOUGH * len(looks)


def test_most_are_mended(looks):
    assert sum(look.repaired for look in looks) >= ENOUGH * len(looks)


def test_two_mistakes_at_once_are_found_and_not_mended_wrongly(mutants, tmp_path):
    found = [look_at(couple, tmp_path, FRESH) for couple in pairs(mutants, COUPLES, SEED)]
    print("\n" + table(found))
    assert [look.name for look in found if not look.detected or look.wrong] == []
