"""What the first lines say."""

import math
from dataclasses import replace

import numpy as np
import pytest

from gradcheck.report.findings import finding_of, told
from gradcheck.report.patterns import consequence_of
from gradcheck.report.tables import rows_of
from gradcheck.results.outcomes import Reason
from gradcheck.results.result import CheckedPoint, Result, Subject
from gradcheck.results.verdicts import Verdict


def verdict(yours, truth, name="W", reason=None):
    yours, truth = np.asarray(yours, float), np.asarray(truth, float)
    bar = np.full(truth.shape, 1e-12)
    with np.errstate(invalid="ignore"):
        error = np.abs(yours - truth) / np.maximum(np.maximum(np.abs(yours), np.abs(truth)), 1e-300)
    grades = np.where(np.abs(yours - truth) > 1e-9, 2.0, 0.0)
    grades[np.isnan(yours)] = 2.0
    return Verdict(name, yours, truth, bar, error, bar, grades, reason, exact=truth)


def result(*verdicts):
    return Result(Subject("f.py", "loss", "grads"), (CheckedPoint("given", 0, {}, 1.0, verdicts),))


def test_the_source_example_is_told_as_in_the_mock(results):
    finding = finding_of(results["wrong"])
    assert finding.headline == "The gradient of b1 is wrong"
    assert finding.agreeing.startswith("7 of 8 partial derivatives agree")
    assert finding.fault == "One does not:"
    assert told(finding) == (
        "at the checked point your value is −1.267203, the true one is 0.233614: wrong sign. "
        "Line 63 has `dneto_douth1` where `dneto_douth2` belongs."
    )
    assert "b1 = b2 = 0.5) the gradient agrees, but the point is blind: w5 = w6" in finding.blind


def test_agreement_is_told_without_a_fault(results):
    finding = finding_of(results["right"])
    assert (finding.mark, finding.headline) == ("✓", "All 8 gradients agree")
    assert finding.fault == finding.values == finding.consequence == ""
    assert "degenerate" in finding.blind


def test_an_open_question_names_its_mend(results):
    finding = finding_of(results["undecided"])
    assert (finding.mark, finding.headline) == ("?", "The gradient of b1 is undecided")
    assert "± 1 × 10⁻³" in told(finding)
    assert "compute the loss in float64" in told(finding)


@pytest.mark.parametrize(
    ("yours", "truth", "words"),
    [
        (-1.267, 0.2336, "wrong sign"),
        (3.5, 1.0, "3.5 times the true value"),
        (0.4, 1.0, "0.4 times the true value"),
        (1.05, 1.0, "5 % too large"),
        (0.93, 1.0, "7 % too small"),
        (0.3, 0.0, "it should be zero"),
        (0.0, 0.3, "it is zero"),
        (math.nan, 0.3, "not a finite number"),
        (math.inf, 0.3, "not a finite number"),
    ],
)
def test_the_consequence_is_what_a_reader_would_say(yours, truth, words):
    assert consequence_of(verdict(yours, truth)) == words


def test_a_pattern_goes_before_the_worst_entry():
    assert (
        consequence_of(replace(verdict([2.0, 4.0], [1.0, 2.0]), pattern="twice the true value"))
        == "twice the true value"
    )


def test_missing_and_misshapen_gradients_say_so():
    nan = np.full(2, math.nan)
    assert consequence_of(verdict(nan, [1, 1], reason=Reason.MISSING)) == "missing"
    assert consequence_of(verdict(nan, [1, 1], reason=Reason.SHAPE)) == "wrong shape"
    shape = replace(verdict(nan, [1, 1], reason=Reason.SHAPE), remark="W has shape (2,): flatten it")
    assert told(finding_of(result(shape))) == "W has shape (2,): flatten it."


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ([verdict([1.0, 3.0], [1.0, 2.0])], "The gradient of W[1] is wrong"),
        ([verdict([3.0, 3.0], [1.0, 2.0])], "The gradient of W is wrong"),
        ([verdict(3.0, 1.0, "a"), verdict(3.0, 1.0, "b")], "The gradients of a and b are wrong"),
        ([verdict(3.0, 1.0, n) for n in "abcde"] + [verdict(1.0, 1.0, "f")], "5 of 6 gradients are wrong"),
        ([verdict(1.0, 1.0, "x")], "The gradient of x agrees"),
        ([], "Nothing was checked"),
    ],
)
def test_the_headline_names_as_many_as_can_be_read(verdicts, headline):
    assert finding_of(result(*verdicts)).headline == headline


def test_two_are_both_or_neither():
    right = result(verdict([1.0, 2.0], [1.0, 2.0]))
    assert finding_of(right).agreeing.startswith("Both partial derivatives agree with")
    wrong = finding_of(result(verdict([1.0, 2.0], [3.0, 7.0])))
    assert wrong.agreeing.startswith("Neither of the 2 partial derivatives agrees with")
    assert wrong.fault == "The worst is W[1]:"
    several = finding_of(result(verdict([1.0, 2.0, 3.0], [3.0, 7.0, 4.0])))
    assert several.agreeing.startswith("None of the 3 partial derivatives agrees with")


def test_what_is_undecided_beside_a_fault_is_counted():
    mixed = verdict([1.0, 2.0, 3.0], [3.0, 7.0, 3.0])
    finding = finding_of(result(replace(mixed, grades=np.array([2.0, 1.0, 0.0]))))
    assert finding.fault == "One does not and 1 is undecided:"


def test_what_has_no_numbers_has_none_in_the_table():
    shaped = verdict([np.nan, np.nan], [1.0, 2.0], reason=Reason.SHAPE)
    rows = rows_of(result(shaped))
    assert [(row.yours, row.relative, row.sees) for row in rows] == [("wrong shape", "—", "—")] * 2
