"""derive(): networks by value, by text and by name, traced systems, and parameters as readers write them."""

import numpy as np
import pytest

from gradcheck.derivation.chain_rule import derive, find_parameter
from gradcheck.errors import NetworkError, UsageError
from gradcheck.network.networks import Point
from gradcheck.network.sources import SOURCES
from gradcheck.network.text import from_text
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.systems import System, symbol

LABELS = ("W1[0,0]", "W1[0,1]", "b1[0]", "b2")


def test_a_source_is_derived_at_its_own_point():
    derivation = derive("source-2-2-2", "w5")
    assert derivation.subject == "source-2-2-2"
    assert 0.4 - 0.5 * derivation.total == pytest.approx(0.358916480, abs=5e-10)
    assert derive(SOURCES["source-2-2-2"].network, "w5").total == derivation.total


def test_a_text_is_derived_at_numbers_that_are_all_different():
    derivation = derive("2-2-1:tanh,linear", "W1[1,0]")
    first, second = (derive("2-2-1:tanh,linear", label).total for label in ("W1[0,0]", "W1[1,1]"))
    assert len({derivation.total, first, second}) == 3


def test_a_point_of_ones_own_is_taken():
    network = from_text("1-1:identity,")
    point = Point({"W1": np.array([[2.0]]), "b1": np.array([0.5])}, np.array([3.0]), np.array([1.0]))
    assert derive(network, "W1[0,0]", point).total == (2 * 3 + 0.5 - 1) * 3


def test_a_traced_system_is_derived_like_a_network():
    definitions = {"out": symbol("w") * symbol("x"), "loss": symbol("out") ** 2}
    system = System({"w": 3.0, "x": 2.0}, definitions, "loss", ("w",))
    derivation = derive(differentiate(system), "w", title="file.py")
    assert (derivation.subject, derivation.total) == ("file.py", 2 * 6 * 2)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("W1[0,1]", "W1[0,1]"),
        ("W1[0, 1]", "W1[0,1]"),
        ("W1", "W1[0,0]"),
        ("b1", "b1[0]"),
        ("b2", "b2"),
        (None, "W1[0,0]"),
    ],
)
def test_parameters_as_readers_write_them(written, found):
    assert find_parameter(LABELS, written) == found


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("b22", "there is no parameter 'b22': did you mean b2?"),
        ("W1[0,2]", "there is no parameter 'W1[0,2]': did you mean W1[0,1]?"),
        ("gamma", "there is no parameter 'gamma': choose one of W1[0,0] ... W1[0,1], b1[0], b2"),
    ],
)
def test_an_unknown_parameter_gets_the_nearest_or_all(written, sentence):
    with pytest.raises(UsageError) as caught:
        find_parameter(LABELS, written)
    assert str(caught.value) == sentence


def test_an_unknown_network_gets_a_sentence():
    with pytest.raises(NetworkError, match="did you mean source-2-2-1"):
        derive("source-2-2-11", "b1")
