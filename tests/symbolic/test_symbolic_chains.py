"""The chain rule path by path: counted, listed, with numbers that add up."""

import math
from itertools import pairwise

import pytest

from gradcheck.network.sources import SOURCES
from gradcheck.results.formulas import Name, Negative, Num, Partial, Product, Sum
from gradcheck.symbolic.chains import MOST_PATHS, derive_chain
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.systems import System, symbol


def chain(source, parameter):
    net = SOURCES[source]
    return derive_chain(differentiate(system_of(net.network, net.point)), parameter, source)


def test_b1_of_the_source_net_has_the_two_paths_of_the_article():
    derivation = chain("source-2-2-1", "b1")

    assert [path.names for path in derivation.paths] == [
        ("Loss", "out", "neto", "outh1", "neth1", "b1"),
        ("Loss", "out", "neto", "outh2", "neth2", "b1"),
    ]
    assert derivation.path_count == 2
    links = [factor.formula for factor in derivation.paths[1].factors]
    outh2 = Name("outh2")
    own = Product((outh2, Sum((Num("1"), Negative(outh2)))))
    assert links == [Sum((Name("out"), Negative(Name("y")))), Num("1"), Name("w6"), own, Num("1")]


def test_w1_of_the_2_2_2_net_reaches_the_loss_through_both_outputs():
    """Published (Mazur): ∂E_o1/∂out_h1 = 0.055399425, ∂E_o2/∂out_h1 = -0.019049119, then 0.241300709 and 0.05."""
    first, second = chain("source-2-2-2", "w1").paths

    assert first.value == pytest.approx(0.055399425 * 0.241300709 * 0.05, rel=1e-7)
    assert second.value == pytest.approx(-0.019049119 * 0.241300709 * 0.05, rel=1e-7)


@pytest.mark.parametrize(("source", "parameter"), [("deep", "W1[0,1]"), ("3-4-2", "b1[2]"), ("source-2-2-2", "b1")])
def test_paths_and_their_factors_multiply_and_add_up_to_the_total(source, parameter):
    derivation = chain(source, parameter)

    for path in derivation.paths:
        assert [(factor.of, factor.by) for factor in path.factors] == list(pairwise(path.names))
        assert path.value == pytest.approx(math.prod(factor.value for factor in path.factors), rel=1e-14)
    assert len(derivation.paths) == derivation.path_count
    assert math.fsum(path.value for path in derivation.paths) == pytest.approx(derivation.total, rel=1e-12)


def test_too_many_paths_are_counted_and_not_listed():
    """Two ways in each of 40 steps: 2**40 paths, found without walking them."""
    definitions = {"v0": symbol("w") ** 2}
    for k in range(40):
        left, right, joined = f"l{k}", f"r{k}", f"v{k + 1}"
        definitions[left] = symbol(f"v{k}") / 2
        definitions[right] = symbol(f"v{k}") / 4
        definitions[joined] = symbol(left) + symbol(right)
    derivation = derive_chain(differentiate(System({"w": 1.0}, definitions, "v40", ("w",))), "w")

    assert derivation.path_count == 2**40
    assert derivation.paths == ()
    assert derivation.total == pytest.approx(2 * 0.75**40, rel=1e-14)
    assert len(derivation.deltas) == 1 + 3 * 40


def test_as_many_paths_as_are_listed_at_most():
    definitions = {f"v{k}": symbol("w") * (k + 1) for k in range(MOST_PATHS)}
    definitions["sum"] = sum(symbol(name) for name in definitions)
    derivation = derive_chain(differentiate(System({"w": 1.0}, definitions, "sum", ("w",))), "w")
    assert len(derivation.paths) == derivation.path_count == MOST_PATHS


def test_deltas_lead_from_the_loss_back_to_the_parameter():
    derivation = chain("source-2-2-1", "b1")
    deltas = {delta.name: delta.formula for delta in derivation.deltas}

    assert list(deltas) == ["out", "neto", "outh2", "neth2", "outh1", "neth1", "b1"]
    assert deltas["out"] == Sum((Name("out"), Negative(Name("y"))))
    assert deltas["neto"] == Partial("Loss", "out")
    assert deltas["outh1"] == Product((Partial("Loss", "neto"), Name("w5")))
    assert deltas["b1"] == Sum((Partial("Loss", "neth1"), Partial("Loss", "neth2")))


def test_definitions_are_those_between_parameter_and_loss():
    derivation = chain("source-2-2-1", "w4")
    assert [one.name for one in derivation.definitions] == ["neth2", "outh2", "neto", "out", "Loss"]
    assert derivation.definitions[0].value == pytest.approx(0.51)


def test_a_parameter_without_a_way_to_the_loss_has_total_zero():
    derivation = derive_chain(differentiate(System({"w": 2.0, "x": 3.0}, {"a": symbol("x") ** 2}, "a", ("w",))), "w")
    assert (derivation.total, derivation.path_count, derivation.paths, derivation.deltas) == (0.0, 0, (), ())
