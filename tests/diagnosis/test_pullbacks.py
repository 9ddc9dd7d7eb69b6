"""What forward statements send back, against autograd; and the formulas of what was normalised."""

import ast

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, make_vjp

from gradcheck.diagnosis.branches import slopes_in
from gradcheck.diagnosis.pools import Named
from gradcheck.diagnosis.projections import kind_of, projections
from gradcheck.diagnosis.pullbacks import pull_back

R = np.random.default_rng(5)
ARRAYS = {
    "x": R.normal(size=(4, 3)),
    "z": R.normal(size=(4, 5)),
    "W": R.normal(size=(3, 5)),
    "b": R.normal(size=5),
    "s": R.uniform(0.5, 2, size=(4, 1)),
    "v": R.normal(size=3),
    "h": R.normal(size=5),
    "B": R.normal(size=(2, 4, 3)),
    "C": R.normal(size=(2, 3, 5)),
    "k": np.float64(0.7),
}
STATEMENTS = [
    "x @ W + b", "np.dot(x, W)", "x.dot(W) - b", "W @ h", "v @ W", "v @ v", "B @ C", "z * b", "z / s", "b / s",
    "-z * k", "np.tanh(z) * z", "np.exp(z - b)", "np.log(s)", "np.sqrt(s ** 2 + 1)", "z ** 3", "np.maximum(z, 0)",
    "np.sum(z * z)", "np.sum(z ** 2, axis=0)", "z.mean(axis=1, keepdims=True) * b", "np.mean(z, axis=0)",
    "z.var(axis=1, keepdims=True)", "(x @ W).T", "np.r_[v, h, v]", "np.concatenate([h, v])", "np.outer(v, h)",
    "np.sin(z) + np.cos(z)", "np.abs(z)", "np.square(z - z.mean(axis=0, keepdims=True))", "1 / (1 + np.exp(-z))",
    "np.where(z > 0, z, k * z)",
]  # fmt: skip


def pulled_by_autograd(text, cotangent):
    """Name -> adjoint, all uses together."""
    code = compile(
        text.replace("np.r_[v, h, v]", "np.concatenate([v, h, v])").replace("x.dot(W)", "x @ W"), "<statement>", "eval"
    )
    return make_vjp(lambda arrays: eval(code, {"np": anp, **{name: arrays[name] for name in ARRAYS}}))(ARRAYS)[0](
        cotangent
    )


@pytest.mark.parametrize("text", STATEMENTS)
def test_what_comes_back_is_what_autograd_says(text):
    space = {"np": np, **ARRAYS}
    expr = ast.parse(text, mode="eval").body
    y = np.asarray(eval(text, space))
    space["g"] = np.random.default_rng(6).normal(size=y.shape)

    def shape_of(node):
        return np.shape(eval(ast.unparse(node), space))

    found: dict[str, np.ndarray] = {}
    for name, back in pull_back(expr, ast.Name("g"), expr, shape_of, {}):
        value = np.broadcast_to(eval(ast.unparse(back), space), np.shape(ARRAYS[name]))
        found[name] = found.get(name, 0) + value

    assert found
    for name, true in pulled_by_autograd(text, space["g"]).items():
        np.testing.assert_allclose(found.get(name, np.zeros_like(true)), true, rtol=1e-12, atol=1e-12)


BRANCHED = [
    "np.where(z < 0, 0.5 - z, np.where(z < 1, 0.5 * (1 - z) ** 2, 0.0)).mean()",
    "3 + np.where(np.abs(z) <= 0.7, 0.5 * z ** 2, 0.7 * (np.abs(z) - 0.35))",
    "np.where(z > 0, z, 0.1 * (np.exp(z) - 1))",
    "np.where(z > 0.2, z, np.maximum(z, -0.4)) ** 2",
]


@pytest.mark.parametrize("text", BRANCHED)
def test_the_slope_of_branches_is_what_autograd_says(text):
    z = np.linspace(-1.7, 1.9, 14)
    expr = ast.parse(text, mode="eval").body

    (slope,) = slopes_in(expr, lambda node: np.shape(eval(ast.unparse(node), {"np": np, "z": z})), {})

    inside = text.removeprefix("3 + ").removesuffix(".mean()").removesuffix(" ** 2")
    true = elementwise_grad(lambda a: eval(inside, {"np": anp, "z": a}))(z)
    np.testing.assert_allclose(eval(ast.unparse(slope), {"np": np, "z": z}), true, rtol=1e-12)


def test_the_slope_of_a_choice_is_a_choice():
    expr = ast.parse("0.5 * r * r if abs(r) <= 0.7 else 0.7 * r + 1.0", mode="eval").body

    (slope,) = slopes_in(expr, lambda node: (), {})

    assert [eval(ast.unparse(slope), {"r": r}) for r in (0.4, 2.0)] == pytest.approx([0.4, 0.7])


def normalised(kind, x):
    if kind == "softmax":
        return anp.exp(x) / anp.exp(x).sum(axis=1, keepdims=True)
    if kind == "unit":
        return x / anp.sqrt((x**2).sum(axis=1, keepdims=True))
    if kind == "rms":
        return x / anp.sqrt((x**2).mean(axis=1, keepdims=True))
    return (x - x.mean(axis=1, keepdims=True)) / anp.std(x, axis=1, keepdims=True)


SCALES = {
    "softmax": lambda x: 1.0,
    "unit": lambda x: np.sqrt((x**2).sum(axis=1, keepdims=True)),
    "rms": lambda x: np.sqrt((x**2).mean(axis=1, keepdims=True)),
    "norm": lambda x: x.std(axis=1, keepdims=True),
}


@pytest.mark.parametrize("kind", ["softmax", "unit", "rms", "norm"])
def test_the_formula_of_what_was_normalised_is_what_autograd_says(kind):
    x, g = R.normal(size=(4, 6)), R.normal(size=(4, 6))
    back, u = make_vjp(lambda a: normalised(kind, a))(x)

    texts = list(projections([Named("u", (u,), 0.0), Named("g", (g,), 0.0), Named("k", (np.float64(2),), 0.0)]))

    assert kind_of([u], -1) == kind
    values = [eval(text, {"np": np, "u": u, "g": g}) / SCALES[kind](x) for text in texts]
    np.testing.assert_allclose(values[0], back(g), rtol=1e-9, atol=1e-12)


def test_numbers_that_were_not_normalised_have_no_formula():
    assert kind_of([ARRAYS["z"]], -1) is None
    assert list(projections([Named("z", (ARRAYS["z"],), 0.0), Named("y", (ARRAYS["z"] + 1,), 0.0)])) == []
