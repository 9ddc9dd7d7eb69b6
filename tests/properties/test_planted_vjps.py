"""Every VJP of every primitive: a fault of one part in a million is a DISAGREE, none is an AGREE."""

import numpy as np
import pytest

from gradcheck.backprop.primitives import ARRAYS, ELEMENTWISE, PRIMITIVES
from gradcheck.results.outcomes import Outcome
from gradcheck.verification import verify

GENERIC = np.array([[0.31, -0.72, 1.13], [-1.64, 0.95, -0.27]])
OTHER = np.array([0.83, -1.21, 0.47])
SHAPES = {
    "row": (GENERIC, OTHER),
    "outer": (GENERIC[:, :1], GENERIC[:1] + 0.055),
    "scalar": (np.array(0.62), GENERIC),
}
POSITIVE = ("log", "log1p", "sqrt", "pow")


def unary(name):
    return {name: (np.abs(GENERIC) if name in POSITIVE else GENERIC,)}


def binary(name):
    pairs = {kind: (np.abs(a) if name in POSITIVE else a, b) for kind, (a, b) in SHAPES.items()}
    return {f"{name}-{kind}": pair for kind, pair in pairs.items()}


CASES = {}
for name, primitive in ELEMENTWISE.items():
    CASES |= unary(name) if len(primitive.vjps) == 1 else binary(name)
CASES |= {
    "matmul": (GENERIC, GENERIC.T + 0.11),
    "matmul-batch": (np.stack([GENERIC, GENERIC[::-1] * 0.7]), GENERIC.T + 0.11),
    "transpose": (GENERIC,),
    "take": (OTHER, np.array([[0, 2], [2, 1]])),
    "sum": (GENERIC,),
    "sum_last": (GENERIC,),
    "log_sum_exp": (GENERIC,),
}
VJPS = [(case, i) for case in CASES for i, vjp in enumerate(PRIMITIVES[case.split("-")[0]].vjps) if vjp]


def test_every_primitive_is_among_the_cases():
    assert {case.split("-")[0] for case in CASES} == set(PRIMITIVES) == {*ELEMENTWISE, *ARRAYS}


def outcome(case, i, fault):
    primitive, args = PRIMITIVES[case.split("-")[0]], CASES[case]
    y = primitive.value(*args)
    y_bar = np.cos(np.arange(np.size(y)) + 0.5).reshape(np.shape(y))
    bar = primitive.vjps[i](y_bar, y, *args) * (1 + fault)
    assert np.shape(bar) == np.shape(args[i])

    def f(at):
        return float(np.sum(y_bar * primitive.value(*args[:i], at["x"], *args[i + 1 :])))

    (verdict,) = verify(f, {"x": bar}, {"x": args[i]})
    return verdict.outcome


@pytest.mark.parametrize(("case", "i"), VJPS)
def test_a_true_vjp_agrees(case, i):
    assert outcome(case, i, 0.0) is Outcome.AGREE


@pytest.mark.parametrize(("case", "i"), VJPS)
def test_one_part_in_a_million_disagrees(case, i):
    assert outcome(case, i, 1e-6) is Outcome.DISAGREE
