"""Fixes and disagreements that are proved; values of differences on paper."""

from dataclasses import replace

import pytest

from gradcheck.diagnosis.intervals import proved_wrong
from gradcheck.diagnosis.proofs import proves
from gradcheck.examples import path_of
from gradcheck.program.tracing import trace
from gradcheck.subject.targets import case_of_file


def sentences(gradient, wrong, loss="u*u*v", u=0.5, v=2.0):
    text = f"def loss(u, v):\n    return {loss}\n\ndef grads(u, v):\n    return {gradient}\n"
    return proved_wrong(trace(text, "here.py", "loss", "grads", {"u": u, "v": v}), wrong)


def test_a_difference_is_told_in_its_digits():
    """3u² - u² = 0.5 at u = 1/2."""
    (told,) = sentences("{'u': 2*u*v, 'v': 3*u*u}", ["v"])
    assert told.startswith("interval arithmetic proves that v is wrong: yours − true is 0.5 at the checked point")


def test_several_are_counted():
    (told,) = sentences("{'u': u*v, 'v': 3*u*u}", ["u", "v"])
    assert told.startswith("interval arithmetic proves that both are wrong: for u, yours − true is -1 at")
    (told,) = sentences("{'u': 2*u*v, 'v': 3*u*u}", ["u", "v"])
    assert told.startswith("interval arithmetic proves that 1 of 2 is wrong: for v, yours")


@pytest.mark.parametrize(
    ("gradient", "loss"),
    [
        ("{'u': 2*u*v, 'v': u*u}", "u*u*v"),
        ("{'u': 2*u*v*(1 + 1e-15), 'v': u*u}", "u*u*v"),
        ("{'u': 0.5, 'v': 0.5}", "abs(u - 0.5) + v"),
        ("{'u': 0.5, 'v': 0.5}", "(u if u > 0.5 else 0) + v"),
    ],
)
def test_what_is_right_or_rounded_or_on_a_border_is_never_proved_wrong(gradient, loss):
    assert sentences(gradient, ["u"], loss) == ()


def test_without_a_trace_nothing_is_said():
    assert proved_wrong(None, ["u"]) == ()


def test_the_mended_text_of_the_example_is_proved_and_the_alias_too():
    case = case_of_file(path_of("two_two_one.py"))
    text = case.origin.text
    wrong = "+ dLoss_dout*dout_dneto*dneto_douth1"
    assert wrong in text
    assert proves(case, text.replace(wrong, "+ dLoss_dout*dout_dneto*dneto_douth2"), case.at.arrays)
    assert proves(case, text.replace(wrong, "+ dLoss_dout*dout_dneto*w6"), case.at.arrays)
    assert not proves(case, text, case.at.arrays)
    assert not proves(case, text.replace(wrong, "+ dLoss_dout*dout_dneto*w4"), case.at.arrays)
    assert not proves(replace(case, origin=None), text, case.at.arrays)
