"""The judge of fixes, on planted ones: the right diff, one that changes nothing of use, one that changes the loss."""

import difflib
import json
import runpy
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1] / "corpus"
LABELS = json.loads((CORPUS / "labels.json").read_text(encoding="utf-8"))
FIXES = runpy.run_path(str(Path(__file__).with_name("fixes.py")))
CASES = ("net221_a", "bnorm_b", "lstm_c", "quick_a")


def fix_to(old, new):
    return {"diff": "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "a.py", "b.py"))}


def texts(name):
    return (CORPUS / f"{name}.py").read_text(encoding="utf-8"), FIXES["right_text"](CORPUS, name, LABELS[name])


@pytest.mark.parametrize("name", CASES)
def test_the_right_fix_has_no_fault(name):
    wrong, right = texts(name)
    assert FIXES["faults_of"](wrong, right, [fix_to(wrong, right)], range(1000, 1003)) == [[]]


@pytest.mark.parametrize("name", CASES)
def test_a_fix_that_leaves_the_gradients_wrong_is_told_with_its_parameters(name):
    wrong, right = texts(name)
    fix = fix_to(wrong, wrong + "# nothing\n")
    assert FIXES["faults_of"](wrong, right, [fix], range(1000, 1003)) == [sorted(LABELS[name]["wrong_params"])]


def test_a_fix_that_changes_the_loss_is_wrong():
    wrong, right = texts("net221_a")
    bent = right.replace("def loss", "def old_loss").replace(
        "def grads", "def loss(**p):\n    return 0.0\n\n\ndef grads"
    )
    assert "loss" in FIXES["faults_of"](wrong, right, [fix_to(wrong, bent)], range(1000, 1002))[0]


def test_a_diff_that_does_not_apply_is_wrong():
    wrong, right = texts("net221_a")
    assert FIXES["faults_of"](wrong, right, [fix_to("one\n", "two\n")], range(1000, 1002)) == [["does not apply"]]


def test_a_fix_that_raises_is_wrong():
    wrong, right = texts("bnorm_b")
    bent = right.replace("def grads(W, gamma, beta):", "def grads(W, gamma, beta):\n    raise KeyError(3)")
    assert FIXES["faults_of"](wrong, right, [fix_to(wrong, bent)], range(1000, 1002)) == [["KeyError: 3"]]


@pytest.mark.parametrize(("have", "equal"), [([1.0, 2.0], True), ([1.0, 2.0 + 1e-12], True), ([1.0, 2.0001], False)])
def test_rounding_is_no_difference(have, equal):
    assert FIXES["same"](have, [1.0, 2.0]) is equal
