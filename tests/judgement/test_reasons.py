"""Every finding of the ladder with right and wrong gradients planted beside it."""

import math

import numpy as np
import pytest

from gradcheck.judgement.comparison import compare
from gradcheck.numeric.estimation import estimate
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.verification import verify

AGREE, DISAGREE, OPEN = Outcome.AGREE, Outcome.DISAGREE, Outcome.INCONCLUSIVE


def judged(f, x, yours):
    against = estimate(lambda arrays: f(float(arrays["x"])), {"x": x})["x"]
    return compare("x", np.asarray(float(yours)), against)


def single(x):
    return np.float32(x)


def hashed(x):
    """A fixed number in (-1, 1) for every x, unrelated from one x to the next."""
    return (hash((x, 7)) % 2001 - 1000) / 1000


SINGULAR = {
    "sqrt of |x|": (lambda x: math.sqrt(abs(x)), 0.0),
    "sqrt of |x| beside 1": (lambda x: 1 + math.sqrt(abs(x)), 0.0),
    "shallow cusp": (lambda x: abs(x) ** 0.9, 0.0),
    "nearly a corner": (lambda x: abs(x) ** 0.999, 0.0),
    "nearly a line": (lambda x: math.copysign(abs(x) ** 0.99, x), 0.0),
    "cube root": (lambda x: float(np.cbrt(x)), 0.0),
    "x log|x|": (lambda x: x * math.log(abs(x)) if x else 0.0, 0.0),
    "sqrt at its edge": (math.sqrt, 0.0),
    "arcsin at its edge": (math.asin, 1.0),
    "arccos at its edge": (math.acos, -1.0),
    "norm's square root moved": (lambda x: math.sqrt(abs(x - 0.3)) + x, 0.3),
}


@pytest.mark.parametrize("case", SINGULAR)
@pytest.mark.parametrize("yours", [0.0, 1.0, -3.0, math.inf])
def test_where_the_slope_has_no_bound_no_gradient_is_right_or_wrong(case, yours):
    verdict = judged(*SINGULAR[case], yours)

    assert (verdict.outcome, verdict.reason) == (OPEN, Reason.SINGULAR)


JUMPS = {
    "step": (lambda x: float(x > 0) + x, 0.0),
    "sign": (lambda x: float(np.sign(x)), 0.0),
    "floor": (lambda x: float(math.floor(x)), 2.0),
    "at the edge": (lambda x: 1 + x if x > 0 else 0.0 if x == 0 else math.nan, 0.0),
}


@pytest.mark.parametrize("case", JUMPS)
@pytest.mark.parametrize("yours", [0.0, 1.0, 100.0])
def test_a_jump_at_the_point_decides_nothing(case, yours):
    verdict = judged(*JUMPS[case], yours)

    assert (verdict.outcome, verdict.reason) == (OPEN, Reason.JUMP)


@pytest.mark.parametrize("x", [2.5, 2 + 1e-9, 3 - 1e-7])
def test_beside_a_jump_the_slope_is_that_of_the_own_side(x):
    def f(z):
        return math.floor(z) + 0.25 * z

    assert [judged(f, x, yours).outcome for yours in (0.25, 0.26)] == [AGREE, DISAGREE]


@pytest.mark.parametrize("x", [1e-3, 1e-9, -1e-12])
def test_beside_a_vertical_tangent_the_slope_is_known(x):
    def f(z):
        return math.sqrt(abs(z))

    truth = math.copysign(0.5 / math.sqrt(abs(x)), x)
    assert [judged(f, x, yours).outcome for yours in (truth, truth * 1.001)] == [AGREE, DISAGREE]


STEEP = [
    (lambda x: math.exp(700 * x), 0.9, lambda x: 700 * math.exp(700 * x)),
    (lambda x: 1e12 * x * x, 0.0, lambda x: 0.0),
    (lambda x: abs(x) ** 1.5, 0.0, lambda x: 0.0),
    (lambda x: math.tanh(1e6 * x), 0.0, lambda x: 1e6),
    (lambda x: math.log(x), 1e-30, lambda x: 1 / x),
]


@pytest.mark.parametrize(("f", "x", "partial"), STEEP)
def test_steep_is_not_singular(f, x, partial):
    assert judged(f, x, partial(x)).reason not in (Reason.SINGULAR, Reason.JUMP)


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-6, 1e-5])
@pytest.mark.parametrize("x", [0.3, -0.9, 1.1])
def test_noise_hides_small_faults_and_large_ones_show(size, x):
    def f(z):
        return math.sin(z) * (1 + size * hashed(z))

    right, wrong = judged(f, x, math.cos(x)), judged(f, x, 1.1 * math.cos(x))

    assert right.outcome is AGREE or right.reason is Reason.NOISE
    assert wrong.outcome is DISAGREE


def test_a_turn_finer_than_the_rounding_of_the_parameter_is_unresolved():
    def f(z):
        return math.sin(1e13 * z)

    verdict = judged(f, 0.7, 1e13 * math.cos(1e13 * 0.7))

    assert (verdict.outcome, verdict.reason) == (OPEN, Reason.UNRESOLVED)
    assert judged(f, 0.7, 1.0).reason is Reason.NOISE


def test_a_saturated_unit_says_that_nothing_moves():
    truth = 4 * math.exp(-40.0)  # 1 / cosh(20)^2, below one rounding of tanh(20)
    verdict = judged(math.tanh, 20.0, truth)

    assert (verdict.outcome, verdict.reason) == (OPEN, Reason.SATURATED)
    assert judged(math.tanh, 20.0, 0.0).outcome is AGREE
    assert judged(math.tanh, 20.0, 1e-3).outcome is DISAGREE


@pytest.mark.parametrize("x", np.random.default_rng(3).uniform(0.2, 1.4, 12).tolist())
@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_a_float32_part_beside_a_float64_part_is_never_wrong_and_its_missing_part_never_right(x, offset):
    def f(z):
        return z / 2 + float(single(offset) + np.sin(single(z)))

    right, missing = judged(f, x, 0.5 + math.cos(x)), judged(f, x, 0.5)

    assert right.outcome is AGREE or right.reason is Reason.CONFLICT
    assert missing.outcome is not AGREE
    assert judged(f, x, 5.0).outcome is DISAGREE


@pytest.mark.parametrize("x", [1e-12, 3e-13, -2e-11])
def test_a_small_parameter_beside_a_large_addend_has_the_slope_of_coarse_steps(x):
    def f(z):
        return math.sin(1000 + z)

    outcomes = [judged(f, x, math.cos(1000) * factor).outcome for factor in (1, 1.01, 0)]

    assert outcomes == [AGREE, DISAGREE, DISAGREE]


def test_subnormal_losses_are_judged_within_their_spacing():
    def f(z):
        return 1e-310 * math.tanh(z)

    truth = 1e-310 / math.cosh(0.5) ** 2
    assert [judged(f, 0.5, truth * factor).outcome for factor in (1, 1.01, 0)] == [AGREE, DISAGREE, DISAGREE]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_finding_and_its_mend(reason):
    finding, mend = reason.value.split(": ")

    assert finding[0].islower()
    assert mend
    assert len(reason.value) <= 120


@pytest.mark.parametrize("yours", [math.inf, -math.inf, math.nan, 0.0])
def test_an_infinite_gradient_is_not_judged_at_a_glance(yours):
    (verdict,) = verify(lambda arrays: float(np.cbrt(arrays["x"])), {"x": yours}, {"x": 0.0})

    assert (verdict.outcome, verdict.reason) == (OPEN, Reason.SINGULAR)


HALVES = [(-1.308, -1.94, 0.35, -0.47), (1.269, 1.74, 1.38, -1.81), (1.882, -1.42, -0.44, -0.15)]


@pytest.mark.parametrize(("x", "w", "a", "b"), HALVES)
def test_a_slope_that_only_coarse_steps_see_is_not_blamed(x, w, a, b):
    """a tanh(w x) + b x^2, the first part in float16: it stands still at all but the coarsest steps."""

    def f(z):
        return float(np.float64(np.tanh(np.float16(z) * np.float16(w))) * a + b * z * z)

    assert judged(f, x, a * w / math.cosh(w * x) ** 2 + 2 * b * x).outcome is OPEN


def test_noise_that_is_opposite_on_both_sides_is_no_jump():
    """The hash of x + h and that of x - h have one mean for small h: the even part is constant, f is not."""
    x = 0.199897972878962

    assert judged(lambda z: math.sin(z) + 2 * z + 1e-9 * hashed(z), x, math.cos(x) + 2).outcome is AGREE


def test_waves_that_only_the_finest_steps_resolve_are_not_blamed():
    """e^x has 7e11 waves per unit here, and their noise beside the rest is 250 roundings."""

    def f(z):
        y = math.exp(z)
        return math.tanh(math.sin(y)) - (1 + z * z) / (499.7336875244046 / z / y) + y / z

    verdict = judged(f, 27.23214981451458, -29687624565656.64)  # by mpmath, of these very doubles

    assert verdict.outcome is OPEN


@pytest.mark.parametrize(("yours", "outcome"), [(9427.205385389629, OPEN), (5e4, Outcome.DISAGREE), (0.0, AGREE)])
def test_what_one_rounding_of_the_loss_can_swallow_is_not_blamed(yours, outcome):
    def f(z):
        return 2.0011167505980644e16 + math.cos((-890.2460017518246 - math.cos(z)) * (7.358412120676081 / z - z**0.5))

    assert judged(f, 0.8556343975809045, yours).outcome is outcome
