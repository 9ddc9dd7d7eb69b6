"""Proofs and enclosures of hand-written gradients; truths from mpmath and from paper."""

import math
import re

import mpmath
import pytest
import sympy

from gradcheck.program.tracing import trace
from gradcheck.symbolic.from_program import RULES as WRITTEN
from gradcheck.symbolic.intervals import Intervals, enclose_differences
from gradcheck.symbolic.proofs import prove_program
from gradcheck.symbolic.replays import Digits, as_written, numbers_of, pulled_back
from gradcheck.symbolic.rules import RULES, NoValue

A, B = sympy.symbols("a b", positive=True)
POINTS = [(0.7, 1.3), (2.25, 0.5)]


def program(loss, gradient, point=None, head=""):
    names = ", ".join(point or {"w": 0.5})
    text = f"import math\nimport numpy as np\n{head}\n\ndef loss({names}):\n    return {loss}\n\n"
    text += f"def grads({names}):\n    return {gradient}\n"
    return trace(text, "here.py", "loss", "grads", point or {"w": 0.5})


@pytest.mark.parametrize("op", sorted(RULES))
@pytest.mark.parametrize(("a", "b"), POINTS)
def test_every_rule_is_what_sympy_derives(op, a, b):
    arity = len(RULES[op].slopes)
    expr = WRITTEN[op](*(A, B)[:arity])
    ctx, numbers = Digits(40), [mpmath.mpf(a), mpmath.mpf(b)][:arity]
    args = [ctx.mpf(number) for number in numbers]
    value = RULES[op].value(ctx, *args)
    here = {A: sympy.Rational(a), B: sympy.Rational(b)}
    with mpmath.workdps(40):
        assert mpmath.almosteq(mpmath.mpf(value), mpmath.mpf(str(sympy.N(expr.subs(here), 40))), 1e-35)
        for slope, symbol in zip(RULES[op].slopes, (A, B), strict=False):
            true = sympy.N(sympy.diff(expr, symbol).subs(here), 40)
            assert mpmath.almosteq(mpmath.mpf(slope(ctx, value, *args)), mpmath.mpf(str(true)), 1e-35)


@pytest.mark.parametrize("op", sorted(RULES))
@pytest.mark.parametrize(("a", "b"), POINTS)
def test_every_rule_encloses_its_value(op, a, b):
    arity = len(RULES[op].slopes)
    ctx, fine = Intervals(15), Digits(60)
    value = RULES[op].value(ctx, *(ctx.mpf(one) for one in (a, b)[:arity]))
    true = RULES[op].value(fine, *(fine.mpf(one) for one in (a, b)[:arity]))
    low, high = (mpmath.mp.make_mpf(one) for one in value._mpi_)
    with mpmath.workdps(60):
        assert low <= mpmath.mpf(true) <= high
        assert high - low <= 1e-13 * abs(high)


def test_every_traced_operation_has_a_rule():
    assert set(RULES) == set(WRITTEN)


@pytest.mark.parametrize("op", ["maximum", "minimum"])
def test_on_a_corner_nothing_is_said(op):
    ctx = Intervals(20)
    with pytest.raises(NoValue, match="corner"):
        RULES[op].value(ctx, ctx.mpf(0), ctx.mpf([-1, 1]))


@pytest.mark.parametrize(
    ("value", "number"), [(1 / 3, "1/3"), (0.2, "1/5"), (0.044715, "8943/200000"), (-1.5, "-3/2"), (2.0, "2")]
)
def test_literals_are_read_as_they_are_written(value, number):
    assert str(as_written(value)) == number


def test_other_literals_are_read_as_the_doubles_they_are():
    assert float(as_written(math.pi)) == math.pi
    assert as_written(math.pi).denominator == 2**48


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        ("math.sin(w)**2", "{'w': 2*math.sin(w)*math.cos(w)}"),
        ("math.tanh(w)", "{'w': 4/(math.exp(w) + math.exp(-w))**2}"),
        ("1/(1 + math.exp(-w))", "{'w': 1/(math.exp(w/2) + math.exp(-w/2))**2}"),
        ("w**3/3 + w/3", "{'w': w*w + 1.0/3}"),
        ("2*w/5", "{'w': 0.4}"),
        ("math.log(w**2 + 1)", "{'w': 2*w/(1 + w**2)}"),
        ("math.log(w)", "{'w': 1/w}"),
        ("np.sum(np.exp(w*np.arange(3.0)))", "{'w': math.exp(w) + 2*math.exp(2*w)}"),
    ],
)
def test_identities_that_no_text_comparison_sees_are_proved(loss, gradient):
    proof = prove_program(program(loss, gradient))
    assert proof.standing == "proved"
    assert proof.points >= 3


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        ("math.sin(w)**2", "{'w': math.sin(w)*math.cos(w)}"),
        ("w**3/3", "{'w': w*w + 1e-12}"),
        ("w**2", "{'w': 2*w + (w - 0.5)}"),
        ("w**2", "{'w': 2*w*(1 + 1e-14)}"),
        ("np.sqrt(w**2)", "{'w': 1.0}"),
    ],
)
def test_what_is_wrong_is_refuted_also_where_the_point_hides_it(loss, gradient):
    proof = prove_program(program(loss, gradient))
    assert (proof.standing, proof.labels) == ("refuted", ("w",))
    assert not proof


def test_the_entries_that_are_wrong_are_named():
    point = {"u": 0.25, "v": -0.75}
    assert prove_program(program("u*u*v", "{'u': 2*u*v, 'v': 2*u}", point)).labels == ("v",)


@pytest.mark.parametrize(
    ("loss", "gradient", "why"),
    [
        ("w*w if w > 0 else w", "{'w': 2*w}", r"one formula or another \(line 6\)"),
        ("abs(w)", "{'w': 1.0}", r"one formula or another \(line 6\)"),
        ("w*w", "{}", "no entry for some"),
        ("w*w", "{'w': np.fft.fft([w])[0]}", "cannot trace"),
    ],
)
def test_what_cannot_be_proved_stays_open_and_says_why(loss, gradient, why):
    proof = prove_program(program(loss, gradient))
    assert proof.standing == "open"
    assert re.search(why, proof.why)


def test_a_gradient_near_the_end_of_a_domain_is_proved_near_by():
    point = {"w": 0.001}
    assert prove_program(program("math.log(w)*w", "{'w': math.log(w) + 1}", point)).standing == "proved"


def test_with_a_number_that_is_not_finite_nothing_is_proved_and_nothing_fails():
    """A lattice in log space starts with them; what is added to them is more than there are digits for."""
    for number in ("-np.inf", "np.nan"):
        assert prove_program(program(f"w*w + math.exp(-1/(w*{number}))", "{'w': 2*w}")).standing == "open"


def test_reverse_mode_in_forty_digits_is_mpmaths_derivative():
    traced = program("math.exp(-w*w)*math.sin(3*w)/(1 + w)", "{'w': 0.0}", {"w": 0.7})
    ctx = Digits(40)
    slopes = pulled_back(traced, numbers_of(traced, ctx), ctx, traced.loss)
    with mpmath.workdps(40):
        w = mpmath.mpf(0.7)
        true = mpmath.diff(lambda w: mpmath.exp(-w * w) * mpmath.sin(3 * w) / (1 + w), w)
        assert mpmath.almosteq(mpmath.mpf(slopes[traced.inputs["w"]]), true, 1e-30)


def test_a_wrong_gradient_is_enclosed_away_from_zero():
    """yours - true = 3w² - 2w = -1/4 at w = 1/2, exactly."""
    found = enclose_differences(program("w*w", "{'w': 3*w*w}"), ["w"])["w"]
    assert found.low <= -0.25 <= found.high
    assert found.excludes_zero
    assert found.high - found.low <= 1e-15


def test_a_difference_far_below_rounding_is_seen_with_more_digits():
    found = enclose_differences(program("math.exp(w)", "{'w': math.exp(w)*(1 + w*1e-40)}"), ["w"])["w"]
    assert found.excludes_zero
    assert found.digits == 60
    assert math.isclose(found.low, math.exp(0.5) * 5e-41, rel_tol=1e-12)


def test_a_right_gradient_is_never_enclosed_away_from_zero():
    found = enclose_differences(program("math.tanh(w)", "{'w': 4/(math.exp(w) + math.exp(-w))**2}"), ["w"])["w"]
    assert found.low < 0 < found.high
    assert not found.excludes_zero


def test_on_a_corner_and_for_what_was_not_traced_there_are_no_bounds():
    assert enclose_differences(program("abs(w)", "{'w': 0.5}", {"w": 0.0}), ["w"]) == {}
    assert enclose_differences(program("w*w", "{'w': 1.0}"), ["v"]) == {}
