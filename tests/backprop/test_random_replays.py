"""Random programs of many shapes: a replay is the function itself, whatever memory its values share or take over."""

import random

import numpy as np
import pytest

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.recording import record
from gradcheck.backprop.structures import leaves_of
from gradcheck.backprop.transforms import hvp, value_and_gradient

ANY = [
    np.tanh,
    xp.sigmoid,
    lambda x: x * 0.7 * (x + 1),
    lambda x: np.exp(-np.square(x)),
    lambda x: np.where(x > 0.1, x**2, -x),
    lambda x: x.T,
    lambda x: x.reshape(-1),
    lambda x: x - np.mean(x),
]
AXES = [
    lambda x, k: x[(slice(None),) * k + (slice(1, None),)] if x.shape[k] > 1 else x,
    lambda x, k: x[..., ::2],
    lambda x, k: xp.softmax(x, k),
    lambda x, k: np.max(x, axis=k),
    lambda x, k: np.cumsum(x, axis=k),
    lambda x, k: np.pad(x, [(1, 0)] * x.ndim),
    lambda x, k: x @ np.cos(np.swapaxes(x, -1, -2)) if x.ndim > 1 else x,
]
PAIRS = [
    lambda x, y, k: x * y,
    lambda x, y, k: x - y,
    lambda x, y, k: np.concatenate([x, y, x], axis=k),
    lambda x, y, k: np.stack([x, np.sin(y)], axis=k),
]
LARGEST = 300


def program(seed):
    """A function of two arrays: up to 14 steps, each of values made before, and a sum over all of them."""
    source = random.Random(seed)
    steps = [[source.random() for _ in range(5)] for _ in range(source.randint(3, 14))]

    def f(a, b):
        pool = [a, b, a * 0.5]
        for kind, which, one, other, place in steps:
            x, y = pool[int(one * len(pool))], pool[int(other * len(pool))]
            axis = int(place * x.ndim)
            if kind < 0.4 or not x.ndim:
                z = ANY[int(which * len(ANY))](x)
            elif kind < 0.7 or x.shape != y.shape:
                z = AXES[int(which * len(AXES))](x, axis)
            else:
                z = PAIRS[int(which * len(PAIRS))](x, y, axis)
            pool += [z] if z.size <= LARGEST else []
        return sum(np.sum(np.sin(z) * (k + 1)) for k, z in enumerate(pool))

    return f


@pytest.mark.parametrize("seed", range(150))
def test_a_replay_of_a_random_program_is_the_program(seed):
    f, numbers = program(seed), np.random.default_rng(seed)
    a, b = numbers.normal(size=(3, 4)), numbers.normal(size=(3, 4))
    derive = (lambda a, b: hvp(f, (a, b), (b, a))) if seed % 3 == 0 else (lambda a, b: value_and_gradient(f, (a, b)))
    run, held = record(derive), []
    for k in range(3):
        at = (a * (1 - 0.1 * k), np.asfortranarray(b) if k == 2 else b)
        found, right = run(*at), derive(*at)
        held += [found] if seed % 2 else []
        for one, other in zip(leaves_of(found), leaves_of(right), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(other).max()))


def test_zeros_that_are_written_once_lie_in_memory_of_their_own():
    """The memory of the values before must not be given to a sum of parts that does not cover its whole."""
    run = record(lambda x: value_and_gradient(lambda y: np.sum(np.sin(0.5 * y)) + np.sum(np.sin((0.5 * y)[1:])), x))
    x = np.arange(12.0).reshape(3, 4)
    slope = 0.5 * np.cos(0.5 * x)
    slope[1:] *= 2
    for _ in range(2):
        np.testing.assert_allclose(run(x)[1], slope, rtol=1e-14)
