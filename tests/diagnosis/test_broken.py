"""Names that promise a derivative and hold something else, by the source example with planted faults."""

import ast

import pytest

from gradcheck.diagnosis.broken import broken_roles
from gradcheck.diagnosis.remarks import remarks_on
from gradcheck.examples import path_of
from gradcheck.program.tracing import trace

TEXT = path_of("two_two_one_mended.py").read_text(encoding="utf-8")
POINT = {
    "w1": 0.31, "w2": -0.42, "w3": 0.27, "w4": 0.55, "w5": 0.71, "w6": -0.36, "b1": 0.18, "b2": -0.64,
}  # fmt: skip


def words(*changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [one.words for one in broken_roles(trace(text, "net.py", "loss", "grads", POINT))]


def line_of(text):
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if text in line)


def test_every_name_of_the_mended_example_keeps_its_promise():
    assert words() == []


def test_a_neighbours_value_under_a_name():
    line = line_of("dneth2_dw3 = x1")
    assert words(("dneth2_dw3 = x1", "dneth2_dw3 = x2")) == [
        f"`dneth2_dw3` (line {line}) promises ∂neth2/∂w3 = x1, and holds x2"
    ]


def test_a_wrong_number_is_told_as_a_number():
    (told,) = words(("douth1_dneth1 = outh1*(1 - outh1)", "douth1_dneth1 = 1 - outh1**2"))
    assert "`douth1_dneth1`" in told
    assert "promises ∂outh1/∂neth1 = 0.24" in told


def test_what_follows_from_a_broken_one_is_not_told_again():
    """A local partial and what is multiplied out of it: the first one only."""
    chain = "    dLoss_dneto = dLoss_dout*dout_dneto\n    dLoss_dw1 ="
    (told,) = words(("dLoss_dout = -(y - out)", "dLoss_dout = y - out"), ("    dLoss_dw1 =", chain))
    assert "`dLoss_dout`" in told


def test_a_derivative_along_every_way_keeps_a_promise_too():
    """∂Loss/∂neto runs over out; ∂neto/∂neth2 over outh2."""
    chain = "    dLoss_dneto = -(y - out)\n    dneto_dneth2 = w6*outh2*(1 - outh2)\n    dLoss_dw1 ="
    assert words(("    dLoss_dw1 =", chain)) == []


@pytest.mark.parametrize("told", [(), (7,)])
def test_remarks_hold_what_is_broken_and_what_is_unused(told):
    text = (
        "def loss(u):\n    h = u*u\n    return h*h\n\ndef grads(u):\n    h = u*u\n    dh_du = u\n"
        "    spare = 3*h\n    return {'u': 2*h*dh_du}\n"
    )
    program = trace(text, "net.py", "loss", "grads", {"u": 0.75})
    found = remarks_on(ast.parse(text), {"grads"}, program, told)
    unused = "`spare` (line 8) is computed and never used"
    broken = "`dh_du` (line 7) promises ∂h/∂u = 1.5, and holds u"
    assert found == ((unused,) if told else (broken, unused))
    assert remarks_on(ast.parse(text), {"loss"}, None, ()) == ()
