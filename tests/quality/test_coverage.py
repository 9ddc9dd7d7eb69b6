"""How often is the truth outside the error bar? Never, in the sample.

A small sample runs always: 12 points of each function of `bank.py`, about 500. The full count: `measuring.py`.

The constants of `numeric/tableau.py` and `numeric/steps.py` are held here by experiments that notice if they are wrong.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest
from mpmath import mp

from gradcheck.numeric.answers import cross_examine
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.samples import split
from gradcheck.numeric.steps import steps_for
from gradcheck.numeric.tableau import extrapolate
from gradcheck.results.outcomes import Outcome
from gradcheck.verification import verify

BANK = runpy.run_path(str(Path(__file__).with_name("bank.py")))["BANK"]
MEASURING = runpy.run_path(str(Path(__file__).with_name("measuring.py")))
POINTS, SEED = MEASURING["POINTS"], MEASURING["SEED"]
ALL = pytest.mark.parametrize("function", BANK, ids=lambda function: function.name)


def points_of(function, count):
    r = np.random.default_rng([SEED, *map(ord, function.name)])
    return [float(function.draw(r)) for _ in range(count)]


def of(function):
    return lambda arrays: function(float(arrays["x"]))


@pytest.mark.quality
def test_at_most_one_error_of_20_000_exceeds_its_bar():
    everything, smooth = MEASURING["Tally"](), MEASURING["Tally"]()
    for function in BANK:
        x = points_of(function, POINTS)
        answer, truths = MEASURING["seen"](function, x), np.array([function.truth(z) for z in x])
        exact, got = np.array([function.exact(z) for z in x]), np.array([function(z) for z in x])
        for tally in (everything, smooth):
            if tally is everything or function.fault <= 1e-4:
                tally.add(answer, truths, exact, got, [(function.name, z) for z in x])
    print(f"bank of {len(BANK)}, seed {SEED}: {everything}\nof these smooth to rounding: {smooth}")

    assert everything.holds, str(everything)
    assert smooth.flagged <= MEASURING["FALSE_FLAGS"] * smooth.points, str(smooth)


@ALL
def test_points_together_are_judged_as_points_alone(function):
    x = points_of(function, 3)
    together, alone = MEASURING["seen"](function, x), [estimate(of(function), {"x": z})["x"] for z in x]

    for i, one in enumerate(alone):
        assert [together.value[i], together.bar[i]] == [one.value, one.bar]


@pytest.mark.quality
@ALL
def test_planted_fault_shows_and_truth_passes(function):
    for x in points_of(function, 3):
        truth = function.truth(x)
        outcomes = [
            verify(of(function), {"x": truth * (1 + fault)}, {"x": x})[0].outcome for fault in (0, function.fault)
        ]

        assert outcomes == [Outcome.AGREE, Outcome.DISAGREE], f"x = {x!r}"


def one_minus_cos(x):
    """(1 - cos x) / x^2 loses up to half its digits, others at each step: the hardest noise we know."""
    return (1 - np.cos(x)) / (x * x)


def its_partial(x):
    with mp.workdps(40):
        at = mp.mpf(x)
        return float(mp.sin(at) / at**2 - 2 * (1 - mp.cos(at)) / at**3)


def ladder(x, ratio):
    """Steps of another ratio, from half the magnitude down to two roundings of x < 1."""
    steps = 0.5 * float(ratio) ** -np.arange(51 / np.log2(ratio))
    return steps[steps >= 2 * np.spacing(x)][:, None]


def is_missed(x, noises=3.0, ratio=4):
    at = np.array([x])
    steps = ladder(x, ratio)
    samples = split(at, steps, one_minus_cos(at + steps), one_minus_cos(at - steps), float(one_minus_cos(x)))
    answer = cross_examine(extrapolate(samples, noises=noises))
    return abs(answer.value[0] - its_partial(x)) > answer.bar[0]


DRAWN = 10.0 ** np.random.default_rng(5).uniform(-4, 0, 3000)


def test_ladder_of_ratio_four_is_the_one_in_use():
    assert np.array_equal(steps_for(np.array([0.7])), ladder(0.7, 4))


@pytest.mark.quality
def test_one_measured_noise_is_too_few_and_three_are_enough():
    hardest = DRAWN[[110, 189, 458, 1326, 2986]]  # those of the 3,000 that a bar of one noise misses

    assert [is_missed(x, noises=1.0) for x in hardest] == [True] * 5
    assert [is_missed(x) for x in (*hardest, *DRAWN[:100])] == [False] * 105


@pytest.mark.quality
def test_ratio_eight_hides_noise_that_ratio_four_shows():
    hardest = DRAWN[[154, 332, 542, 609, 714, 726]]  # six of the 8 of 1,500 that ratio 8 misses; ratio 16 misses 5

    assert [is_missed(x, ratio=8) for x in hardest] == [True] * 6
    assert [is_missed(x, ratio=4) for x in hardest] == [False] * 6


@pytest.mark.quality
def test_extrapolation_sharpens_the_bar_five_times():
    x = np.random.default_rng(8).uniform(0.2, 1.0, 40)
    steps = ladder(1.0, 4) * np.ones(x.size)
    bars = []
    for columns in (0, 2):
        singles = [slice(i, i + 1) for i in range(x.size)]
        ladders = [(x[i], steps[:, i], float(np.tanh(x[i])[0])) for i in singles]
        tableaux = [
            extrapolate(split(at, h, np.tanh(at + h), np.tanh(at - h), f), columns=columns) for at, h, f in ladders
        ]
        bars.append(np.median([tableau.bar[0] for tableau in tableaux]))

    assert bars[0] > 5 * bars[1]
