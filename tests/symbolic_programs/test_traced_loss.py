"""The exact gradient of a traced loss against jax, and the definitions under the user's names."""

import numpy as np
import pytest

from gradcheck.errors import TooLarge
from gradcheck.labels import by_label
from gradcheck.program.tracing import trace
from gradcheck.symbolic.from_program import system_of_program
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate

STYLES = {
    "scalar": (
        "def loss(w, b):\n    h = np.tanh(w*x + b)\n    out = h\n    return (y - out)**2/3 + w**1.5/np.sqrt(b)\n",
        {"w": 0.7, "b": 1.3},
    ),
    "softmax": (
        "def loss(W, b):\n    Z = X @ W + b\n    E = np.exp(Z - Z.max(axis=1, keepdims=True))\n"
        "    return -np.mean(np.sum(T*np.log(E/E.sum(axis=1, keepdims=True)), axis=1))\n",
        {"W": (3, 2), "b": (2,)},
    ),
    "kinks": (
        "def loss(W, b):\n    A = np.maximum(X @ W + b, 0)\n"
        "    return np.sum(np.abs(A - T)) + np.sum(np.where(A > 1, A, A**2))\n",
        {"W": (3, 2), "b": (2,)},
    ),
    "logistic": (
        "def loss(v):\n    z = X @ v\n"
        "    return np.sum(np.log1p(np.exp(-z))) + np.expm1(z[0]) + np.arctan(z[1])*np.sin(z[2])\n",
        {"v": (3,)},
    ),
    "outer": (
        "def loss(u, v):\n    M = np.outer(u, v)\n"
        "    for _ in range(2):\n        M = M @ M.T @ M/4\n    return np.sum(M*M)\n",
        {"u": (2,), "v": (3,)},
    ),
    "algebra": (
        "def loss(A, v):\n    return np.linalg.slogdet(A)[1] + v @ np.linalg.solve(A, v) + np.linalg.inv(A)[0, 1]\n",
        {"A": (3, 3), "v": (3,)},
    ),
}
HEAD = "x, y = 0.4, 2\nX = np.array([[0.5, -1.0, 0.3], [1.2, 0.1, -0.7], [-0.4, 0.8, 0.9]])\nT = np.eye(3)[:, :2]\n"


def point_of(shapes):
    rng = np.random.default_rng(5)
    return {name: shape if isinstance(shape, float) else rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("style", STYLES)
def test_exact_gradient_is_that_of_jax(style):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    code, shapes = STYLES[style]
    point = point_of(shapes)
    program = trace("import numpy as np\n" + HEAD + code, "style.py", "loss", None, point)
    exact = evaluate(differentiate(system_of_program(program)))

    space = {"np": jax.numpy}
    exec(HEAD + code, space)
    value, expected = jax.jit(jax.value_and_grad(lambda p: space["loss"](**p)))(point)
    assert exact.loss == pytest.approx(float(value), rel=1e-13)
    assert exact.gradient == pytest.approx(by_label({name: np.asarray(g) for name, g in expected.items()}), rel=1e-12)


def test_definitions_have_the_users_names():
    source = "y = 7\ndef loss(w, b):\n    net = w*2 + b\n    out = net\n    return (y - out)**2/2\n"
    system = system_of_program(trace(source, "named.py", "loss", None, {"w": 0.5, "b": 1.0}))
    assert {name: str(expr) for name, expr in system.definitions.items()} == {
        "net": "b + 2*w",
        "out": "net",
        "Loss": "(-out + y)**2/2",
    }
    assert dict(system.values) == {"w": 0.5, "b": 1.0, "y": 7.0}
    assert system.parameters == ("w", "b")


def test_literals_are_the_doubles_that_they_are():
    source = "def loss(w):\n    return w*0.1\n"
    system = system_of_program(trace(source, "literal.py", "loss", None, {"w": 3.0}))
    (number,) = [factor for factor in system.definitions["Loss"].args if factor.is_number]
    assert (number.p, number.q) == (0.1).as_integer_ratio()


@pytest.mark.parametrize(("returned", "slope"), [("w", 1.0), ("7.0", 0.0), ("y", 0.0)])
def test_a_loss_may_be_a_leaf(returned, slope):
    program = trace(f"y = 7\ndef loss(w):\n    return {returned}\n", "leaf.py", "loss", None, {"w": 3.0})
    assert evaluate(differentiate(system_of_program(program))).gradient == {"w": slope}


def test_a_long_unnamed_expression_is_cut_into_named_parts():
    source = "def loss(w):\n    return sum([(w + k)**2 for k in range(200)])\n"
    system = system_of_program(trace(source, "long.py", "loss", None, {"w": 3.0}))
    assert max(expr.count_ops() for expr in system.definitions.values()) < 100
    assert {"t1", "t2"} <= system.definitions.keys()
    exact = evaluate(differentiate(system))
    assert exact.gradient["w"] == sum(2 * (3.0 + k) for k in range(200))


def test_shared_parts_do_not_double_at_every_use():
    # 2**60 paths; written out, the loss would have as many terms
    source = "def loss(w):\n" + "".join("    w = (w + 1)*(w + 1)/(w + w)\n" for _ in range(60)) + "    return w\n"
    system = system_of_program(trace(source, "doubling.py", "loss", None, {"w": 0.9}))
    assert sum(expr.count_ops() for expr in system.definitions.values()) < 1000
    differentiate(system)


def test_a_large_program_is_refused(monkeypatch):
    monkeypatch.setattr("gradcheck.symbolic.from_program.LIMIT", 100)
    program = trace("def loss(w):\n    return sum([w*k*w for k in range(99)])\n", "large.py", "loss", None, {"w": 1.0})
    with pytest.raises(TooLarge, match=r"operations, its limit is 100: take less data"):
        system_of_program(program)
