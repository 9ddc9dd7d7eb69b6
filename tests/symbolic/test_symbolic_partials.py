"""Partials as formulas: against paper for the 2-2-1 net of the source, at kinks, over names, complete, and bounded."""

import numpy as np
import pytest
import sympy

from gradcheck.errors import NetworkError, TooLarge
from gradcheck.network.networks import Point
from gradcheck.network.sources import SOURCES
from gradcheck.network.tables import ACTIVATIONS, LOSSES
from gradcheck.network.text import from_text
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import adjoint_symbol, between, differentiate
from gradcheck.symbolic.readings.activations import ACTIVATION_RULES
from gradcheck.symbolic.readings.losses import LOSS_RULES
from gradcheck.symbolic.systems import System, symbol

A, W, X, Y, Z = (symbol(name) for name in ("a", "w", "x", "y", "z"))
exp = sympy.exp


def slope(definition, **values):
    """∂a/∂z of a = definition."""
    return differentiate(System(values, {"a": definition}, "a", ("z",))).local["a", "z"]


@pytest.mark.parametrize(("table", "names"), [(ACTIVATION_RULES, ACTIVATIONS), (LOSS_RULES, LOSSES)])
def test_every_activation_and_loss_has_a_symbolic_rule(table, names):
    assert set(table) == set(names)


def written_out(partials, name):
    """The partial of the loss by a name over forward values alone, every adjoint written out."""
    loss = partials.system.loss
    written = {loss: sympy.Integer(1)}
    for source in reversed(between(partials, name)):
        links = [(target, partials.local[target, source]) for target in partials.consumers.get(source, ())]
        if source != loss:
            written[source] = sympy.Add(*(written[target] * link for target, link in links if target in written))
    return written.get(name, sympy.Integer(0))


def test_b1_of_the_source_net_is_the_formula_on_paper():
    """SOURCES.md: dout·w5·outh1(1 - outh1) + dout·w6·outh2(1 - outh2), dout = -(y - out)."""
    source = SOURCES["source-2-2-1"]
    partials = differentiate(system_of(source.network, source.point))

    y, out, w5, w6, o1, o2 = (symbol(name) for name in ("y", "out", "w5", "w6", "outh1", "outh2"))
    paper = -(y - out) * (w5 * o1 * (1 - o1) + w6 * o2 * (1 - o2))
    assert sympy.expand(written_out(partials, "b1") - paper) == 0
    assert partials.gradient["b1"] == adjoint_symbol("Loss", "neth1") + adjoint_symbol("Loss", "neth2")


@pytest.mark.parametrize(("parameter", "source"), [("w1", ("w5", "outh1", "x1")), ("w4", ("w6", "outh2", "x2"))])
def test_first_layer_of_the_source_net_is_the_formula_on_paper(parameter, source):
    net = SOURCES["source-2-2-1"]
    partials = differentiate(system_of(net.network, net.point))

    weight, outh, x = (symbol(name) for name in source)
    paper = -(symbol("y") - symbol("out")) * weight * outh * (1 - outh) * x
    assert sympy.expand(written_out(partials, parameter) - paper) == 0


def test_numbers_of_the_source_net_are_those_of_paper():
    """All weights 0.2, both biases 0.5: net = 0.2·0.02 + 0.2·0.03 + 0.5 = 0.51 in both hidden units."""
    net = SOURCES["source-2-2-1"]
    exact = evaluate(differentiate(system_of(net.network, net.point)))

    outh = 1 / (1 + np.exp(-0.51))
    out = 0.4 * outh + 0.5
    assert exact.values["outh2"] == pytest.approx(outh, rel=1e-15)
    assert exact.adjoints["out"] == pytest.approx(out - 7, rel=1e-15)
    assert exact.gradient["b1"] == pytest.approx((out - 7) * 0.4 * outh * (1 - outh), rel=1e-14)
    assert exact.gradient["b2"] == pytest.approx(out - 7, rel=1e-15)


def test_the_published_2_2_2_example_comes_out():
    """Mazur: loss 0.298371109; after one step of rate 0.5 w5 = 0.358916480 and w1 = 0.149780716."""
    net = SOURCES["source-2-2-2"]
    exact = evaluate(differentiate(system_of(net.network, net.point)))

    assert exact.loss == pytest.approx(0.29837110876, abs=5e-12)
    assert 0.4 - 0.5 * exact.gradient["w5"] == pytest.approx(0.358916480, abs=5e-10)
    assert 0.15 - 0.5 * exact.gradient["w1"] == pytest.approx(0.149780716, abs=5e-10)


@pytest.mark.parametrize(
    ("definition", "written"),
    [
        (1 / (1 + exp(-Z)), A * (1 - A)),
        (exp(Z) / (1 + exp(Z)), A * (1 - A)),
        (1 / (1 + exp(-2 * Z)), 2 * A * (1 - A)),
        (1 / (1 + exp(-W * Z)), W * A * (1 - A)),
        (sympy.tanh(Z), 1 - A**2),
        ((exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z)), (1 - A) * (1 + A)),
        (1 - 2 / (1 + exp(2 * Z)), (1 - A) * (1 + A)),
        (exp(Z), A),
        (exp(Z) - 1, A + 1),
        (exp(-(Z**2)), -2 * Z * A),
        (sympy.log(1 + exp(Z)), 1 / (1 + exp(-Z))),
        (sympy.log(1 + exp(W * Z)), W / (1 + exp(-W * Z))),
        (sympy.log(exp(Z) + exp(W)), exp(Z - A)),
        (sympy.log(1 + exp(Z)) - Y * Z, 1 / (1 + exp(-Z)) - Y),
        ((Y - Z) ** 2 / 2, Z - Y),
    ],
)
def test_local_partials_are_written_over_names(definition, written):
    assert slope(definition, z=0.3, w=0.4, y=0.1) == written


@pytest.mark.parametrize(
    "definition",
    [
        Z / (1 + exp(-Z)),
        exp(Z) * sympy.sin(Z),
        1 / (1 + exp(-Z)) ** 2,
        exp(W * Z) / (W + exp(Z)),
        (1 + exp(2 * Z)) / (3 + exp(-4 * Z)),
        sympy.sqrt(1 + exp(Z)),
    ],
)
def test_partials_with_names_have_the_value_of_plain_differentiation(definition):
    values = {Z: sympy.Rational(3, 10), W: sympy.Rational(2, 5)}
    written = slope(definition, z=0.3, w=0.4).xreplace({A: definition})
    plain = sympy.diff(definition, Z)
    assert float(written.xreplace(values)) == pytest.approx(float(plain.xreplace(values)), rel=1e-12)


@pytest.mark.parametrize(
    ("definition", "z", "expected"),
    [
        (sympy.Max(0, Z), 0.5, 1),
        (sympy.Max(0, Z), -0.5, 0),
        (sympy.Max(0, Z), 0.0, 0),
        (sympy.Min(0, Z), 0.0, 0),
        (sympy.Abs(Z), -2.0, -1),
        (sympy.Abs(Z), 0.0, 0),
        (sympy.Abs(Z) * Z, -2.0, -2 * Z),
        (sympy.Piecewise((Z, Z > 0), (Z / 100, True)), 0.0, sympy.Rational(1, 100)),
        (sympy.Piecewise((Z**2, sympy.And(Z >= 0, Z < 1)), (Z, sympy.Or(Z > 3, Z < -3)), (5 * Z, True)), 0.5, 2 * Z),
        (sympy.Piecewise((Z**2, sympy.And(Z >= 0, Z < 1)), (Z, sympy.Or(Z > 3, Z < -3)), (5 * Z, True)), -4.0, 1),
        (sympy.Max(Z, W), 0.5, 1),
        (sympy.Max(Z, W), 0.3, 0),
    ],
)
def test_kinks_take_the_side_of_the_point(definition, z, expected):
    assert slope(definition, z=z, w=0.4) == expected


def test_the_side_is_that_of_the_exact_pre_activation():
    """With the double nearest to 0.1, 10·0.1 - 1 is 5.6e-17: right of the kink, where double arithmetic says 0."""
    definition = {"z": 10 * W - X, "a": sympy.Max(0, Z)}
    partials = differentiate(System({"w": 0.1, "x": 1.0}, definition, "a", ("w",)))
    assert partials.local["a", "z"] == 1


def test_switched_off_links_stay_with_zero():
    partials = differentiate(System({"w": -1.0}, {"a": sympy.Max(0, W)}, "a", ("w",)))
    assert partials.local["a", "w"] == 0
    assert evaluate(partials).gradient == {"w": 0.0}


def test_a_parameter_that_the_loss_does_not_use_has_partial_zero():
    partials = differentiate(System({"w": 2.0, "x": 3.0}, {"a": X**2}, "a", ("w", "x")))
    assert evaluate(partials).gradient == {"w": 0.0, "x": 6.0}
    assert written_out(partials, "w") == 0
    assert between(partials, "w") == ()


def test_names_beside_the_way_to_the_loss_are_left_out():
    definitions = {"b": W**2, "aside": W**3, "a": symbol("b") + X}
    partials = differentiate(System({"w": 2.0, "x": 3.0}, definitions, "a", ("w",)))
    assert between(partials, "w") == ("w", "b", "a")


def test_too_large_names_its_size_and_the_limit():
    network = from_text("200-200-1:tanh")
    params = {"W1": np.zeros((200, 200)), "b1": np.zeros(200), "W2": np.zeros((1, 200)), "b2": np.zeros(1)}
    with pytest.raises(TooLarge, match=r"40,401 local partials, its limit is 20,000: "):
        system_of(network, Point(params, np.zeros(200), np.zeros(1)))


def test_a_point_of_another_network_is_refused():
    net, other = SOURCES["source-2-2-1"], SOURCES["3-4-2"]
    with pytest.raises(NetworkError):
        system_of(net.network, other.point)
