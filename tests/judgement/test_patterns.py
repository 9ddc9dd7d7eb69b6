"""A pattern is named where the numbers leave no doubt, and only there."""

import numpy as np
import pytest

import gradcheck
from gradcheck.judgement.patterns import find_pattern
from gradcheck.judgement.slips import Setting
from gradcheck.results.verdicts import Verdict

RNG = np.random.default_rng(3)
VECTOR = np.array([0.31, -1.27, 2.43, 0.88])
SQUARE = np.array([[0.31, -1.27, 2.43], [0.88, 0.19, -0.54], [1.71, -0.35, 0.66]])
TALL = np.array([[0.31, -1.27], [2.43, 0.88], [0.19, -0.54], [1.71, 0.66]])
AT = np.array([0.7, -0.4, 1.3, 0.25])
TOTAL = "other entries with the true total: a sum over the wrong axis, or a wrong index"


def verdict(yours, truth, bar=1e-11, name="W", **fields):
    """As the judge would grade it: wrong is what lies outside the bar."""
    truth = np.array(truth, float)
    yours = np.broadcast_to(yours, truth.shape).astype(float)
    bars = np.full(truth.shape, bar)
    grades = np.where(np.abs(yours - truth) <= bars + 1e-15, 0.0, 2.0)
    return Verdict(name, yours, truth, bars, np.zeros(truth.shape), bars, grades, **fields)


def one_row_zero():
    planted = TALL.copy()
    planted[2] = 0
    return planted


@pytest.mark.parametrize(
    ("yours", "truth", "words"),
    [
        (2 * VECTOR, VECTOR, "twice the true value"),
        (-VECTOR, VECTOR, "minus the true value"),
        (VECTOR / 2, VECTOR, "half the true value"),
        (2 * 0.3, 0.3, "twice the true value"),
        ([0.62, -1.27, 4.86, 0.88], VECTOR, "twice the true value"),
        (1.7 * VECTOR, VECTOR, "1.7 times the true value"),
        (10 * VECTOR, VECTOR, "10 times the true value (10 is the length of X): a sum for a mean"),
        (0.3 / 10, 0.3, "1/10 of the true value (10 is the length of X): a mean for a sum"),
        (np.clip(SQUARE, -0.8, 0.8), SQUARE, "the true value cut off at ±0.8: clip a copy, when the step is taken"),
        (0 * SQUARE, SQUARE, "zero"),
        (one_row_zero(), TALL, "zero in row 2"),
        (TALL * [1, 0], TALL, "zero in column 1"),
        (SQUARE.T, SQUARE, "the transpose of the true gradient"),
        (TALL[::-1], TALL, "the true gradient in reverse order along axis 0"),
        (SQUARE[::-1, ::-1], SQUARE, "the true gradient turned by 180°"),
        (np.roll(VECTOR, 1), VECTOR, "the true gradient one place too late"),
        (VECTOR.sum(), VECTOR, "the sum of the true gradient over all its entries: a sum too many"),
        (
            TALL.sum(axis=0, keepdims=True),
            TALL,
            "the sum of the true gradient over its entries along axis 0: a sum too many",
        ),
        (
            [1.1, 0.2, 0.3, 0.75],
            VECTOR,
            "other entries with the true total: a sum over the wrong axis, or a wrong index",
        ),
        (AT * VECTOR, VECTOR, "the true value times the parameter: a gradient with respect to its logarithm"),
        (VECTOR / np.exp(AT), VECTOR, "the true value over exp(parameter): a gradient with respect to its exponential"),
        (VECTOR - 0.05 * AT, VECTOR, "the true value − 0.05 · parameter: look at the penalty"),
        (VECTOR + 0.1 * np.sign(AT), VECTOR, "the true value + 0.1 · sign of the parameter: look at the penalty"),
        (VECTOR + 0.25, VECTOR, "the true value + 0.25 in every entry"),
        (AT**3, VECTOR, "the true gradient of V"),
    ],
)
def test_a_planted_slip_is_named(yours, truth, words):
    setting = Setting(at=AT, others={"V": AT**3}, sizes={10: "the length of X"})
    assert find_pattern(verdict(yours, truth), setting) == words


@pytest.mark.parametrize(
    ("yours", "truth", "bar"),
    [
        (VECTOR, VECTOR, 1e-11),  # right
        (2 * VECTOR * (1 + 1e-7), VECTOR, 1e-11),  # nearly twice
        (2 * VECTOR + [0, 0, 0, 1e-6], VECTOR, 1e-11),  # twice but for one entry
        (2 * VECTOR, VECTOR, 0.1),  # twice, as far as a wide bar can tell
        ([0.62, 0.1, 2.43, 0.88], VECTOR, 1e-11),  # one twice, one not
        (np.clip(VECTOR, -2, 2), VECTOR, 1e-11),  # one number cut off is any other number
        ([0.31, -1.0, 1.0, -1.0], VECTOR, 1e-11),  # of one size, but not of the true signs
        ([0.2, 0.3], [0.1, 0.0], 1e-11),  # twice, and something for nothing
        (np.nan * VECTOR, VECTOR, 1e-11),
        (0.6123, 0.3, 1e-4),  # one number near a ratio
        (0.6, 0.3, 1e-4),  # one number on a ratio, but not sharp enough to be sure
        (SQUARE.T + 1e-6, SQUARE, 1e-11),
        (AT * VECTOR * (1 + 1e-6), VECTOR, 1e-11),
        ([0.1, 0.5, -0.2, 0.3], VECTOR, 1e-11),  # simply wrong
        ([0.5, -0.2, -0.3], [0.1, 0.3, -0.4], 1e-11),  # totals of 0, as every gradient through a softmax has
        ([3.1, 4.2], [1.0, 2.0], 1e-11),
    ],
)
def test_a_near_miss_is_not_named(yours, truth, bar):
    at = AT[: np.size(truth)] if np.ndim(truth) == 1 else None
    assert find_pattern(verdict(yours, truth, bar), Setting(at=at, sizes={10: "the length of X"})) is None


@pytest.mark.parametrize("seed", range(40))
def test_random_wrong_gradients_have_no_pattern(seed):
    rng = np.random.default_rng(seed)
    shape = [(), (2,), (5,), (2, 2), (3, 4)][seed % 5]
    truth, yours, at = rng.normal(size=(3, *shape))
    others = {"V": rng.normal(size=shape)}
    sizes = dict.fromkeys(range(2, 40), "a size")
    assert find_pattern(verdict(yours, truth, bar=1e-8), Setting(at, others, sizes)) is None


def test_float32_gradients_have_their_patterns_too():
    yours = (2 * VECTOR).astype(np.float32).astype(float)
    assert find_pattern(verdict(yours, VECTOR)) == "twice the true value"


def test_a_check_names_the_batch_size():
    X, y = RNG.normal(size=(7, 3)), RNG.normal(size=7)

    def loss(w, X, y):
        return 0.5 * float(np.mean((X @ w - y) ** 2))

    def grad(w, X, y):
        return X.T @ (X @ w - y)

    result = gradcheck.check(loss, grad, at=RNG.normal(size=3), args=(X, y))
    assert result.parameters[0].pattern == "7 times the true value (7 is the length of argument 0): a sum for a mean"
