"""What lies in the process already is not swept while milliseconds count."""

import gc

import pytest

import gradcheck
from gradcheck.subject.pauses import unswept

FROZEN = []


def loss(w):
    return w * w * w


def grad(w):
    FROZEN.append(gc.get_freeze_count())
    return {"w": 3 * w}


def test_what_was_made_before_is_left_alone():
    before = [[] for _ in range(100)]
    with unswept():
        after = []
        swept = {id(one) for one in gc.get_objects()}
        assert id(before) not in swept
        assert id(after) in swept
    assert gc.get_freeze_count() == 0
    assert id(before) in {id(one) for one in gc.get_objects()}


def test_after_a_fault_all_is_swept_again():
    with pytest.raises(ZeroDivisionError), unswept():
        raise ZeroDivisionError
    assert gc.get_freeze_count() == 0


def test_the_search_sweeps_only_its_own():
    FROZEN.clear()
    found = gradcheck.diagnose(loss, grad, {"w": 0.7})
    assert found.fixes
    first = FROZEN[0]  # the check's own run
    assert max(FROZEN) > first
    assert gc.get_freeze_count() <= first
