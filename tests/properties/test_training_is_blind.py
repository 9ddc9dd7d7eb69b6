"""Training from the source's own point never leaves the set where the b1 bug cannot be seen."""

from importlib.resources import files

import numpy as np
import pytest

from gradcheck.backprop.replay import hand_gradient, replay
from gradcheck.network.sources import SOURCES
from gradcheck.program.tracing import trace

POINT = SOURCES["source-2-2-1"].point.params
RATE = 0.001


def program(name):
    """The program of a shipped example, traced at the source's own point."""
    return trace((files("gradcheck.examples") / name).read_text(encoding="utf-8"), name, "loss", "grads", POINT)


@pytest.fixture(scope="module")
def trained():
    """Parameters after 20,000 steps with the wrong gradient of b1."""
    run = hand_gradient(program("two_two_one.py"))
    params = {name: np.float64(value) for name, value in POINT.items()}
    for _ in range(20_000):
        _, yours = run(params)
        params = {name: value - RATE * yours[name] for name, value in params.items()}
    return params


def test_after_20000_steps_w5_is_w6_and_the_two_hidden_units_are_the_same(trained):
    assert trained["w5"] == trained["w6"]
    assert (trained["w1"], trained["w2"]) == (trained["w3"], trained["w4"])


def test_training_went_somewhere_and_reached_the_target(trained):
    """SOURCES.md gives w5 = w6 = 2.20525 there."""
    assert float(trained["w5"]) == pytest.approx(2.20525, abs=5e-6)
    assert replay(program("two_two_one.py"), trained).loss < 1e-20


def test_the_discrepancy_is_exactly_zero_before_and_after_training(trained):
    """yours - true, both written factor by factor: the wrong file's b1 against the mended file's."""
    for point in (POINT, trained):
        wrong, mended = (replay(program(name), point).yours for name in ("two_two_one.py", "two_two_one_mended.py"))
        assert wrong == mended
        assert wrong["b1"] - mended["b1"] == 0


def test_one_generic_step_aside_shows_it(trained):
    aside = {**trained, "w6": trained["w6"] + 0.25}
    result = replay(program("two_two_one.py"), aside)
    assert abs(result.yours["b1"] - result.gradient["b1"]) > 0.05 * abs(result.gradient["b1"])
    others = [name for name in POINT if name != "b1"]
    for name in others:
        assert float(result.yours[name]) == pytest.approx(float(result.gradient[name]), rel=1e-13)
