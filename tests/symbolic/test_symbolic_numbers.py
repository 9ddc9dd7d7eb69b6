"""Exact numbers against mpmath: differences of a forward pass written here, and closed forms far out in the tails."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from gradcheck.network.networks import Point
from gradcheck.network.text import from_text
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.readings.activations import ACTIVATION_RULES
from gradcheck.symbolic.systems import System, symbol

mp = mpmath.MPContext()
mp.dps = 60

# A step of 1e-25 leaves a truncation error of about 1e-50 and loses 25 of the 60 digits.
STEP = mp.mpf(10) ** -25

Z, W = symbol("z"), symbol("w")

SIGMOID = lambda z: 1 / (1 + mp.exp(-z))  # noqa: E731
# activation -> (value, derivative) from books, at enough digits that nothing cancels
CLOSED_FORMS = {
    "sigmoid": (SIGMOID, lambda z: SIGMOID(z) * SIGMOID(-z)),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "softplus": (lambda z: mp.log1p(mp.exp(z)), SIGMOID),
    "silu": (lambda z: z * SIGMOID(z), lambda z: SIGMOID(z) * (1 + z * SIGMOID(-z))),
    "elu": (lambda z: z if z > 0 else mp.expm1(z), lambda z: mp.mpf(1) if z > 0 else mp.exp(z)),
    "gelu": (lambda z: z * mp.ncdf(z), lambda z: mp.ncdf(z) + z * mp.npdf(z)),
}


def partials_of(definition, **values):
    return differentiate(System(values, {"a": definition}, "a", tuple(values)))


def numbers_of(definition, digits=None, **values):
    return evaluate(partials_of(definition, **values), digits)


@pytest.mark.parametrize("z", [-800.0, -37.5, -20.0, -1e-9, 0.3, 20.0, 40.0, 300.0, 800.0])
@pytest.mark.parametrize("activation", CLOSED_FORMS)
def test_activations_are_right_to_the_last_bits_far_out(activation, z):
    exact = numbers_of(ACTIVATION_RULES[activation](Z), z=z)
    value, slope = CLOSED_FORMS[activation]

    with mp.workdps(800):
        assert exact.loss == pytest.approx(float(value(mp.mpf(z))), rel=1e-15, abs=0)
        assert exact.gradient["z"] == pytest.approx(float(slope(mp.mpf(z))), rel=1e-15, abs=0)


def test_fifty_digits_are_fifty_digits():
    exact = numbers_of(1 / (1 + sympy.exp(-W * Z)), digits=50, w=40.0, z=0.7)

    z = mp.mpf(0.7)
    true = z * SIGMOID(40 * z) * SIGMOID(-40 * z)
    assert abs(mp.make_mpf(exact.gradient["w"]._mpf_) - true) <= abs(true) * mp.mpf(10) ** -49


def test_cancelled_digits_are_recovered():
    """At w = 1 + 2**-52 a double loses most digits of 1 - w·w."""
    tiny = 2.0**-52
    exact = numbers_of((W - 1) * (1 - W * W) ** 2, w=1 + tiny)

    w = mp.mpf(1 + tiny)
    true = (1 - w * w) ** 2 - 4 * w * (w - 1) * (1 - w * w)
    assert exact.gradient["w"] == pytest.approx(float(true), rel=1e-15, abs=0)


@pytest.mark.parametrize("tiny", [1e-40, 1e-200])
def test_small_numbers_beside_large_ones_are_not_lost(tiny):
    assert numbers_of((1 + W) * Z - Z, w=tiny, z=1.0).loss == tiny


@pytest.mark.parametrize("z", [0.3, 0.7, 1.1, 1.9, 2.3, 3.1])
def test_what_cancels_exactly_is_exactly_zero(z):
    """sin² + cos² - 1 is rounding noise at any number of digits: it only shrinks with more of them."""
    assert numbers_of(sympy.sin(Z) ** 2 + sympy.cos(W) ** 2 - 1, z=z, w=z).loss == 0.0


def test_no_real_value_is_nan():
    assert np.isnan(numbers_of(sympy.log(Z), z=-1.0).loss)
    assert np.isnan(numbers_of(sympy.Max(0, Z), z=float("nan")).loss)
    assert np.isnan(numbers_of(1 / Z, z=0.0).loss)
    assert np.isnan(numbers_of(sympy.sqrt(Z), z=-2.0).gradient["z"])


def test_a_power_has_a_slope_at_zero():
    assert numbers_of(Z**W, z=0.0, w=3.0).gradient["z"] == 0.0
    assert numbers_of(Z**2 * W, z=0.0, w=3.0).gradient["z"] == 0.0


def test_numbers_beyond_doubles_are_infinite_or_zero():
    assert numbers_of(sympy.exp(Z), z=800.0).loss == np.inf
    assert numbers_of(sympy.exp(sympy.exp(Z)), z=800.0).loss == np.inf
    assert numbers_of(sympy.exp(Z), z=-800.0).loss == 0.0
    assert numbers_of(sympy.log(Z), z=0.0).loss == -np.inf


def test_fractions_are_exact():
    assert numbers_of(3 * Z, z=Fraction(1, 3)).loss == 1.0
    assert numbers_of(sympy.Float(0.1) * Z, z=3.0).loss == float(3 * Fraction(0.1))


def test_logsumexp_and_softmax_do_not_overflow():
    total = sympy.log(sympy.exp(Z) + sympy.exp(W))
    exact = numbers_of(total, z=1000.0, w=990.0)

    assert exact.loss == pytest.approx(float(1000 + mp.log1p(mp.exp(-10))), rel=1e-15)
    assert exact.gradient["w"] == pytest.approx(float(1 / (1 + mp.exp(10))), rel=1e-15)


def test_precision_of_others_is_left_alone():
    before = mpmath.mp.dps
    numbers_of(sympy.tanh(Z), digits=70, z=0.3)
    assert mpmath.mp.dps == before


MP_ACTIVATIONS = {name: value for name, (value, _) in CLOSED_FORMS.items()} | {"identity": lambda z: z}


def mp_loss(params, point, activations, mean):
    """Half square of a dense net with W1, b1, W2, b2, written with mpmath."""
    losses = []
    for x, y in zip(point.inputs, point.targets, strict=True):
        a = [mp.mpf(v) for v in x]
        for k, activation in enumerate(activations, start=1):
            weights, biases = params[f"W{k}"], params[f"b{k}"]
            sums = [mp.fsum(w * v for w, v in zip(row, a, strict=True)) for row in weights]
            z = [total + b for total, b in zip(sums, biases, strict=True)]
            a = [MP_ACTIVATIONS[activation](v) for v in z]
        losses.append(mp.fsum((t - v) ** 2 for v, t in zip(a, y, strict=True)) / 2)
    return mp.fsum(losses) / (len(losses) if mean else 1)


@pytest.mark.parametrize("activation", CLOSED_FORMS)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_gradient_of_a_batch_is_that_of_differences_in_mpmath(activation, reduction):
    network = from_text(f"2-3-2:{activation},identity;reduction={reduction}")
    rng = np.random.default_rng(7)
    shapes = {"W1": (3, 2), "b1": (3,), "W2": (2, 3), "b2": (2,)}
    draw = lambda shape: np.round(rng.uniform(-1, 1, shape), 3)  # noqa: E731
    point = Point({name: draw(shape) for name, shape in shapes.items()}, draw((2, 2)), draw((2, 2)))
    exact = evaluate(differentiate(system_of(network, point)), digits=30)

    params = {name: np.vectorize(mp.mpf, otypes=[object])(array) for name, array in point.params.items()}
    rest = (point, (activation, "identity"), reduction == "mean")
    assert abs(exact.loss - mp_loss(params, *rest)) < 1e-29
    for name, index in [("W1", (0, 1)), ("b1", (2,)), ("W2", (1, 2)), ("b2", (0,))]:
        sides = []
        for h in (STEP, -STEP):
            moved = {**params, name: params[name].copy()}
            moved[name][index] += h
            sides.append(mp_loss(moved, *rest))
        slope = (sides[0] - sides[1]) / (2 * STEP)
        mine = exact.gradient[f"{name}[{','.join(map(str, index))}]"]
        assert abs(mp.make_mpf(mine._mpf_) - slope) < 1e-27
