"""What the file itself suggests for a right-hand side names the line before anything is searched."""

import numpy as np
import pytest

from gradcheck.diagnosis.benches import gradients_of
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
from gradcheck.subject.cases import gradient_at, own_point

POISSON = """
    Z = np.random.default_rng(0).normal(size=(6, 2))
    EXPOSURE = np.array([0.5, 1.2, 0.8, 1.9, 1.1, 0.7])
    COUNTS = np.array([0.0, 2.0, 1.0, 3.0, 0.0, 1.0])

    def point(seed):
        r = np.random.default_rng(seed)
        return {"beta": 0.5 * r.normal(size=2), "alpha": 0.3 * r.normal(size=1)}

    def loss(beta, alpha):
        eta = Z @ beta + alpha
        mu = EXPOSURE * np.exp(eta)
        return float(np.mean(mu - COUNTS * np.log(mu)) + 0.1 * np.sum(beta ** 2))

    def grads(beta, alpha):
        eta = Z @ beta + alpha
        mu = EXPOSURE * np.exp(eta)
        resid = (mu - COUNTS) / len(COUNTS)
        dpenalty = 0.2 * beta
        dbeta = Z.T @ resid + dpenalty
        return {"beta": dbeta, "alpha": np.array([resid.sum()])}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("mu = EXPOSURE * np.exp(eta)\n        resid", "mu = np.exp(eta)\n        resid", "what line 14 computes"),
        ("eta = Z @ beta + alpha\n        mu = EXPOSURE * np.exp(eta)\n        resid", None, "what line 13 computes"),
        ("dbeta = Z.T @ resid + dpenalty", "dbeta = Z.T @ resid", "with dpenalty (line 21), which is computed"),
    ],
)
def test_the_statement_is_named_first_with_what_the_file_suggests(bench_of, right, wrong, told):
    wrong = wrong if wrong is not None else right.replace("Z @ beta + alpha", "Z @ beta - alpha")
    bench = bench_of(POISSON.replace(right, wrong))
    case = bench.original
    points = [own_point(case, seed) for seed in range(6)]
    masks = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))

    found = diagnose(case, points, masks, 30.0)

    assert found.suspects[0].statement == wrong.splitlines()[0]
    assert told in found.suspects[0].why
    assert found.fixes[0].edits[0].span.line == found.suspects[0].span.line


def test_the_right_text_gives_the_gradient(bench_of):
    bench = bench_of(POISSON)
    truth = truth_at(bench.original, own_point(bench.original, 3))
    for name, values in truth.values.items():
        np.testing.assert_allclose(gradients_of(bench, truth.point)[name], values, rtol=1e-9)
