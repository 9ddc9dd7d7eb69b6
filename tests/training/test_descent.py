"""Steps against formulas on paper; batches, ends, and what cannot be trained."""

import numpy as np
import pytest

from gradcheck.errors import NetworkError, UsageError
from gradcheck.network.dense import Dense
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import SOURCES
from gradcheck.training import train

# out = w·x, Loss = (y - w·x)²/2: dLoss/dw = -(y - w·x)·x
LINE = Network(1, (Dense(1, bias="none"),))


def at(w, xs, ys):
    return Point({"W1": [[w]]}, np.reshape(xs, (-1, 1)), np.reshape(ys, (-1, 1)))


def test_steps_of_momentum_are_those_on_paper():
    """change 1 = 0.1·g(0) = -0.6, w = 0.6; g = -(3 - 1.2)·2 = -3.6, change 2 = -0.36 + 0.5·(-0.6) = -0.66, w = 1.26."""
    found = train(LINE, at(0.0, [2.0], [3.0]), rate=0.1, momentum=0.5, epochs=2)
    assert found.params["W1"][0, 0] == pytest.approx(1.26, rel=1e-15)
    assert found.losses == pytest.approx((4.5, (3 - 1.2) ** 2 / 2, (3 - 2.52) ** 2 / 2), rel=1e-13)
    assert (found.steps, found.ended) == (2, "count")


def test_a_whole_batch_is_one_step_and_single_samples_are_one_each():
    point = at(0.0, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    assert train(LINE, point, rate=0.01, epochs=1).params["W1"][0, 0] == pytest.approx(0.06, rel=1e-15)
    one_by_one = train(LINE, point, rate=0.01, batch=1, epochs=2)
    assert one_by_one.steps == 6
    assert train(LINE, point, rate=0.01, batch=2, epochs=2).steps == 4


def test_every_epoch_takes_every_sample_once_in_an_order_of_its_own():
    seen = []
    point = at(0.0, [1.0, 2.0, 3.0, 4.0], [0.0] * 4)
    train(LINE, point, rate=1e-9, batch=1, epochs=3, watch=lambda loss, g, p: seen.append(loss({"W1": [[1.0]]})))
    epochs = [sorted(seen[k : k + 4]) for k in (0, 4, 8)]
    assert epochs == [[0.5, 2.0, 4.5, 8.0]] * 3
    assert len({tuple(seen[k : k + 4]) for k in (0, 4, 8)}) > 1


def test_training_ends_at_the_threshold():
    found = train(LINE, at(0.0, [1.0], [1.0]), rate=0.5, epochs=100, threshold=0.01)
    assert found.ended == "threshold"
    assert found.losses[-1] <= 0.01 < found.losses[-2]
    assert train(LINE, at(1.0, [1.0], [1.0]), threshold=0.1).steps == 0


def test_what_diverges_keeps_the_last_finite_parameters():
    found = train(LINE, at(1.0, [1.0], [0.0]), rate=1e200, epochs=9)
    assert found.ended == "diverged"
    assert np.isfinite(found.params["W1"]).all()


def test_the_source_example_stays_symmetric():
    """SOURCES.md: after 20,000 steps w5 = w6 = 2.20525; a tenth of them shows the same symmetry, bit for bit."""
    source = SOURCES["source-2-2-1"]
    found = train(source.network, source.point, rate=0.001, epochs=2000)
    assert found.params["w5"] == found.params["w6"] > source.point.params["w5"]


def test_a_start_is_drawn_by_seed_and_the_same_seed_repeats_itself():
    rng = np.random.default_rng(0)
    data = (rng.normal(size=(8, 2)), rng.normal(size=(8, 1)))
    runs = [train("2-3-1:tanh", data, batch=2, epochs=3, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].losses == runs[1].losses != runs[2].losses


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"rate": 0.0}, "the rate is 0.0: give a number above 0"),
        ({"rate": 0.1, "momentum": 1.0}, "the momentum is 1.0: give a number from 0 to below 1"),
        ({"rate": 0.1, "batch": 0}, "a batch has 0 samples: give at least 1"),
        ({"rate": 0.1, "epochs": 0}, "0 epochs: give at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(options, sentence):
    with pytest.raises(UsageError, match=sentence):
        train(LINE, at(0.0, [1.0], [1.0]), **options)


def test_data_that_do_not_fit_or_are_no_numbers_are_refused():
    with pytest.raises(NetworkError, match=r"inputs have shape \(1, 2\)"):
        train(LINE, (np.ones((1, 2)), np.ones((1, 1))))
    with pytest.raises(NetworkError, match=r"inputs\[1,0\] is nan: give numbers"):
        train(LINE, (np.array([[1.0], [np.nan]]), np.ones((2, 1))))


@pytest.mark.parametrize("data", [np.ones((3, 2)), 3, (np.ones((3, 2)),)])
def test_data_that_are_no_pair_are_told(data):
    with pytest.raises(UsageError, match=r"the data is no pair: give \(inputs, targets\), one row per sample"):
        train("2-1:tanh", data)
