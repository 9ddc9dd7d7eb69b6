"""A user's own activation: read by every opinion, checked at once, refused where it is wrong."""

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import find

import gradcheck
from gradcheck.backprop.networks import gradient
from gradcheck.backprop.readings.written import ARRAYS
from gradcheck.errors import GradientInconclusive, GradientMismatch, UsageError
from gradcheck.network.formulas import FUNCTIONS
from gradcheck.network.sources import point_of
from gradcheck.network.tables import ADDED
from gradcheck.registration.activations import PLACES
from gradcheck.symbolic.readings.elementwise import FUNCTIONS as SYMBOLIC
from gradcheck.symbolic.readings.stand_ins import Written
from gradcheck.symbolic.readings.written import WRITING, slope_at

MISH = {
    "with f": lambda z, f: z * f.tanh(f.log(1 + f.exp(z))),
    "with NumPy": lambda z: z * np.tanh(np.log1p(np.exp(z))),
    "as text": "z*tanh(softplus(z))",
}
ARGUMENTS = {"where": (True, 0.7, 0.3), "maximum": (0.7, 0.3), "minimum": (0.7, 0.3)}


@pytest.mark.parametrize("written", MISH)
def test_one_formula_is_read_by_all_opinions(written):
    name = f"mish_{written.replace(' ', '_').lower()}"
    gradcheck.register_activation(name, MISH[written])
    network = gradcheck.from_text(f"2-3-1:{name},linear")
    assert gradcheck.cross_check(network)
    point = point_of(network)
    params, x = point.params, point.inputs
    z = x @ params["W1"].T + params["b1"]
    t = np.tanh(np.log(1 + np.exp(z)))
    delta = z * t @ params["W2"].T + params["b2"] - point.targets
    dz = delta @ params["W2"] * (t + z * (1 - t**2) / (1 + np.exp(-z)))
    true = {"W1": dz.T @ x, "b1": dz.sum(0), "W2": delta.T @ (z * t), "b2": delta.sum(0)}
    for key, array in gradient(network, point).gradient.items():
        np.testing.assert_allclose(array, true[key], rtol=1e-12)


def test_a_slope_that_is_right_is_what_the_engine_takes():
    calls = []

    def slope(z):
        calls.append(1)
        return 3 * z**2

    gradcheck.register_activation("cube", "z**3", slope=slope)
    calls.clear()
    assert gradcheck.cross_check("2-2-1:cube,linear")
    assert calls


@pytest.mark.parametrize("slope", ["3*z**2*1.000001", "3*z", "where(z > 9, 3*z**2 + 1, 3*z**2)", "1"])
def test_a_wrong_slope_is_refused_with_the_point_and_both_values(slope):
    with pytest.raises(GradientMismatch, match=r"'cubic' at z = .*: yours is .*, the true one .*: it is 3\*z\*\*2"):
        gradcheck.register_activation("cubic", "z**3", slope=slope)
    assert "cubic" not in ADDED["activation"]
    with pytest.raises(UsageError, match="no activation 'cubic'"):
        gradcheck.from_text("2-2-1:cubic,linear")


def test_a_formula_with_a_corner_is_taken():
    gradcheck.register_activation(
        "hard", "where(z > 1.5, 1.5, where(z < -1.5, -1.5, z))", slope="where(abs(z)<1.5,1,0)"
    )
    gradcheck.register_activation("bent", lambda z: np.maximum(z, 0.2 * z) + 0.1 * abs(z))
    assert gradcheck.cross_check("2-3-2:hard,bent")


def test_the_same_formula_may_be_registered_again_and_no_other():
    for formula in ("z*tanh(z)", lambda z: z * np.tanh(z), lambda z, f: z * f.tanh(z)):
        gradcheck.register_activation("tamed", formula)
    assert ADDED["activation"].count("tamed") == 1
    with pytest.raises(UsageError, match="there is an activation 'tamed' already, with another formula: take another"):
        gradcheck.register_activation("tamed", "z*tanh(2*z)")
    assert gradcheck.cross_check("2-2-1:tamed,linear")


def test_derive_and_strategies_know_it():
    gradcheck.register_activation("twice", "2*z")
    assert gradcheck.derive("2-2-1:twice,linear", "W1[0,0]").paths
    found = find(gradcheck.strategies.networks(), lambda net: net.layers[0].activation == "twice")
    assert found.layers[0].activation == "twice"


@pytest.mark.parametrize(
    ("name", "formula", "words"),
    [
        ("sigmoid", "z", "there is an activation 'sigmoid' already: take another name"),
        ("swish", "z", "there is an activation 'swish' already"),
        ("Hard Tanh", "z", "'Hard Tanh' is no name for an activation: take small letters"),
        ("own", "log(z)", "'own' is nan at z = -9.13: an activation is finite"),
        ("own", "foo(z)", "uses 'foo': a formula is made of z, abs, exp"),
        ("own", "z.real", "holds more than numbers, operators and functions"),
        ("own", "z^2", r"write \*\* for a power"),
        ("own", "z*", "is no formula: invalid syntax"),
        ("own", 3, "a formula is a function of z or a text, but is 3"),
        ("own", "3", r"makes shape \(\) of 14 numbers"),
        ("own", lambda a, b, c: a, "takes z, or z and the functions f, but this one takes 3 arguments"),
        ("own", lambda z: 1 / 0, "the formula of 'own' raises ZeroDivisionError"),
        ("own", lambda z: z if z > 0 else 0 * z, r"write where\(z > 0, a, b\) for a case"),
        ("own", np.cbrt, "the symbolic opinion does not read cbrt: use exp"),
        ("own", lambda z, f: f.sinc(z), "the formula of 'own' raises AttributeError"),
    ],
)
def test_what_cannot_be_taken_is_told(name, formula, words):
    with pytest.raises(UsageError, match=words):
        gradcheck.register_activation(name, formula)


def test_a_formula_that_is_another_at_every_call_cannot_be_decided():
    numbers = np.random.default_rng(0)
    with pytest.raises(GradientInconclusive, match="can be decided at none of"):
        gradcheck.register_activation("loose", lambda z: numbers.normal() * z)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_a_formula_is_one_function_in_both_opinions(name):
    arguments = ARGUMENTS.get(name, (0.7,))
    ours = float(getattr(ARRAYS, name)(*arguments))
    exact = float(getattr(WRITING, name)(*map(sympy.sympify, arguments)).expr.evalf(30))
    assert ours == pytest.approx(exact, rel=1e-15)


def test_both_opinions_have_every_function():
    assert set(SYMBOLIC) == set(FUNCTIONS)
    assert set(vars(ARRAYS)) == set(FUNCTIONS)


@pytest.mark.parametrize("z", PLACES)
def test_the_exact_slope_is_that_of_mpmath(z):
    with mpmath.workdps(40):
        true = float(mpmath.diff(lambda at: at * mpmath.tanh(mpmath.log(1 + mpmath.exp(at))), mpmath.mpf(z)))
    rule = lambda at: at * WRITING.tanh(WRITING.softplus(Written(at))).expr  # noqa: E731
    assert slope_at(rule, z) == pytest.approx(true, rel=1e-14)
