"""gradient, vjp, jvp, jacobian, hessian, hvp: against differences, torch and mpmath, nested, and on plain NumPy."""

import mpmath
import numpy as np
import pytest

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.transforms import gradient, hessian, hvp, jacobian, jvp, value_and_gradient, vjp
from gradcheck.errors import UsageError

X = np.array([[0.31, -0.72, 1.13], [-1.64, 0.95, -0.27]])
W = np.array([[0.4, -1.1], [0.7, 0.2], [-0.6, 0.9]])
V = np.array([0.3, -1.2, 0.8])


def close(ours, theirs, rtol=1e-12):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=rtol, atol=1e-13)


# Plain code that never heard of us.
PLAIN = {
    "statistics": lambda x: np.mean(x) * np.std(x, axis=0).sum() + np.var(x, axis=1, ddof=1).max() + np.prod(x[:, :2]),
    "axes": lambda x: np.sum(
        np.swapaxes(x, 0, 1)[:, None] * np.moveaxis(x, 0, 1) ** 2 + np.expand_dims(x, 0).squeeze(0).T
    ),
    "joined": lambda x: np.sum(np.sin(np.concatenate([x, 2 * x[:1]])) @ np.hstack([x.T, x.T])),
    "stacked": lambda x: np.sum(np.cos(np.stack([x, x**2], axis=1)) * np.vstack([x[0], x[1]])[:, None]),
    "taken": lambda x: np.sum(np.take(x, np.array([0, 2, 2]), axis=1) ** 3) + np.sum(x[np.array([0, 0])] * x[1]),
    "cumulative": lambda x: np.sum(np.cumsum(x, axis=1) ** 2) + np.sum(np.diff(x) ** 3),
    "padded": lambda x: np.sum(np.pad(x, ((1, 2), (0, 1))) * 3 + np.pad(x, ((1, 2), (0, 1)), mode="edge") ** 2),
    "repeated": lambda x: np.sum(np.sin(np.repeat(x, 2, axis=1)) * np.tile(np.exp(x), (1, 2))),
    "turned": lambda x: np.sum(np.roll(x, 1, axis=1) * np.flip(x, 0) ** 2),
    "sorted": lambda x: np.sum(np.sort(x, axis=1) * V) + np.max(x) * np.min(x, axis=1).sum(),
    "triangles": lambda x: np.sum(np.tril(x @ x.T) ** 2) + np.trace(np.triu(x.T @ x)) + np.sum(np.diagonal(x) ** 3),
    "products": lambda x: (
        np.sum(np.dot(x, V) * np.tensordot(x, x, axes=([1], [1]))[0]) + np.sum(np.outer(x[0], x[1]) ** 2)
    ),
    "summed": lambda x: (
        np.einsum("ij,kj,k->i", x, x, x[:, 0]).sum() + np.einsum("...j->...", x).sum() + np.einsum("ij,ij", x, x)
    ),
    "chosen": lambda x: np.sum(np.where(x > 0, x**3, np.exp(x))) + np.sum(np.clip(x, -1.0, 1.0) ** 2 + abs(x)),
    "norms": lambda x: np.linalg.norm(x) + np.linalg.norm(x, axis=0).sum() * np.hypot(x[0, 0], x[1, 1]),
    "systems": lambda x: np.sum(np.linalg.solve(x @ x.T + np.eye(2), x)) + np.linalg.slogdet(x @ x.T)[1],
    "inverse": lambda x: (
        np.linalg.det(np.linalg.inv(x @ x.T + np.eye(2))) * np.sum(np.linalg.cholesky(x @ x.T + np.eye(2)))
    ),
    "arithmetic": lambda x: np.sum(
        2.0**x + (x**2 + 1) ** x + 1 / (2 + x**2) - np.arctan2(x, 2.0) + np.log2(x**2 + 1) + x**-1
    ),
    "logical": lambda x: (
        np.sum(x * ((x > 0) & (x < 1))) + np.sum(np.maximum(x, 0.1) * np.minimum(0.5, x)) + np.sum(-(x[~(x > 0)] ** 2))
    ),
    "methods": lambda x: (
        (x.reshape(3, 2).T.ravel().cumsum() * x.flatten()).sum() + x.mean(axis=0).max() + x.min() * x.std()
    ),
    "loops": lambda x: sum(row @ (row * k) for k, row in enumerate(x)) + sum(float(k) * v for k, v in enumerate(x[0])),
}


# Central differences of order 6: off by 1e-11 of the largest slope at this step.
STENCIL, WEIGHTS, STEP = np.array([-3, -2, -1, 1, 2, 3]), np.array([-1, 9, -45, 45, -9, 1]) / 60, 0.003


def differences(f, x):
    """The slope of f, a number or an array, along every entry of x: (shape of f) + (shape of x)."""
    columns = []
    for index in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[index] = STEP
        columns.append(sum(w * np.asarray(f(x + k * unit)) for k, w in zip(STENCIL, WEIGHTS, strict=True)) / STEP)
    return np.stack(columns, -1).reshape(*np.shape(columns[0]), *x.shape)


def near(ours, right):
    assert np.shape(ours) == np.shape(right)
    assert np.abs(ours - right).max() <= 1e-9 * np.abs(right).max()


@pytest.mark.parametrize("name", PLAIN)
def test_plain_numpy_code_has_its_true_gradient(name):
    value, bar = value_and_gradient(PLAIN[name], X)
    assert value == pytest.approx(PLAIN[name](X), rel=1e-14)
    near(bar, differences(PLAIN[name], X))


@pytest.mark.parametrize("name", PLAIN)
def test_plain_numpy_code_has_its_true_second_derivatives(name):
    right = differences(lambda x: gradient(PLAIN[name], x), X)
    near(hessian(PLAIN[name], X), right)
    near(jacobian(lambda x: gradient(PLAIN[name], x), X), right)


@pytest.mark.parametrize("stride", [1, 2, (2, 1)])
@pytest.mark.parametrize("padding", [0, 1, (2, 0)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_a_convolution_is_that_of_torch(stride, padding, dilation):
    torch = pytest.importorskip("torch")
    x = np.sin(np.arange(2 * 3 * 7 * 6.0)).reshape(2, 3, 7, 6)
    kernel = np.cos(np.arange(4 * 3 * 3 * 2.0)).reshape(4, 3, 3, 2)
    there = [torch.tensor(a, requires_grad=True) for a in (x, kernel)]
    loss = (torch.nn.functional.conv2d(*there, None, stride, padding, dilation) ** 2).sum()
    loss.backward()
    value, bars = value_and_gradient(
        lambda x, k: np.sum(xp.convolve(x, k, stride, padding, dilation) ** 2), (x, kernel)
    )
    close(value, loss.item())
    for ours, other in zip(bars, there, strict=True):
        np.testing.assert_allclose(ours, other.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rows", [1, 3], ids=["by rows", "by columns"])
def test_a_jacobian_has_the_axes_of_the_value_first(rows):
    f = lambda x: np.tanh(np.stack([x @ W * (k + 1) for k in range(rows)]))  # noqa: E731
    near(jacobian(f, X), differences(f, X))


def test_a_jacobian_by_two_arrays_has_both():
    by_x, by_w = jacobian(lambda x, w: np.tanh(x @ w), (X, W))
    near(by_x, differences(lambda x: np.tanh(x @ W), X))
    near(by_w, differences(lambda w: np.tanh(X @ w), W))


def test_derivatives_of_every_order_by_nesting_are_those_of_mpmath():
    f = lambda x: x * np.exp(np.sin(x)) / (1 + x * x)  # noqa: E731
    exact = lambda x: x * mpmath.exp(mpmath.sin(x)) / (1 + x * x)  # noqa: E731
    by_reverse = by_forward = f
    for order in range(1, 5):
        by_reverse = lambda x, g=by_reverse: gradient(g, x)  # noqa: E731
        by_forward = lambda x, g=by_forward: jvp(g, x, 1.0)[1]  # noqa: E731
        with mpmath.workdps(40):
            right = float(mpmath.diff(exact, mpmath.mpf("0.7"), order))
        assert float(by_reverse(0.7)) == pytest.approx(right, rel=1e-12)
        assert float(by_forward(0.7)) == pytest.approx(right, rel=1e-12)


def test_an_inner_derivative_does_not_mix_with_the_outer_one():
    """d/dx [x · d/dy (x·y)] at y = x is 2x: the inner derivative holds x fixed."""
    assert gradient(lambda x: x * gradient(lambda y: x * y, x), 3.0) == 6.0
    assert jvp(lambda x: x * jvp(lambda y: x * y, x, 1.0)[1], 3.0, 1.0)[1] == 6.0
    assert gradient(lambda x: x * jvp(lambda y: x * y, x, 1.0)[1], 3.0) == 6.0


def test_the_derivative_comes_back_in_the_structure_of_the_point():
    at = {"layers": [{"W": X, "b": V}], "scale": 2.0}

    def f(layers, scale):
        return scale * np.sum(layers[0]["W"] * layers[0]["b"])

    bar = gradient(f, at)
    close(bar["layers"][0]["W"], 2 * np.broadcast_to(V, (2, 3)))
    close(bar["layers"][0]["b"], 2 * X.sum(0))
    assert float(bar["scale"]) == pytest.approx(float((X * V).sum()))
    product = hvp(f, at, at)
    close(product["scale"], 2 * (X * V).sum())


def test_vjp_takes_cotangents_in_the_structure_of_the_value():
    value, pullback = vjp(lambda x: {"s": np.sin(x), "n": np.sum(x)}, V)
    close(value["s"], np.sin(V))
    close(pullback({"s": np.ones(3), "n": np.array(2.0)}), np.cos(V) + 2)


@pytest.mark.parametrize(
    ("f", "bar"),
    [
        (lambda z: np.abs(z) ** 2, lambda z: 2 * z),
        (lambda z: np.real(z * z), lambda z: 2 * np.conj(z)),
        (lambda z: np.imag(np.exp(z)), lambda z: 1j * np.conj(np.exp(z))),
        (lambda z: np.real(np.conj(z) * z * (1 + 2j)), lambda z: 2 * z),
    ],
    ids=["square", "holomorphic", "imaginary", "conjugate"],
)
def test_the_gradient_of_a_complex_number_is_d_real_plus_i_d_imag(f, bar):
    """The convention of torch and of checks/conjugates.py; on paper."""
    z = np.array(0.7 - 0.4j)
    close(gradient(f, z), bar(z))


def test_kinks_take_the_stated_side():
    one = lambda f: float(gradient(f, 0.0))  # noqa: E731
    assert one(xp.relu) == 0.0
    assert one(lambda x: np.maximum(x, 0.0)) == 1.0
    assert one(lambda x: np.maximum(0.0, x)) == 0.0
    assert one(lambda x: np.minimum(x, 0.0)) == 1.0
    assert one(np.abs) == 0.0
    assert one(xp.leaky_relu) == 0.01
    assert one(lambda x: np.clip(x, 0.0, 1.0)) == 1.0
    assert gradient(np.max, np.array([2.0, 1.0, 2.0])).tolist() == [0.5, 0.0, 0.5]
    assert gradient(lambda x: xp.norm(x), np.zeros(2)).tolist() == [0.0, 0.0]


def test_a_product_with_zeros_has_its_true_slopes():
    assert gradient(np.prod, np.array([2.0, 0.0, 3.0, 4.0])).tolist() == [0.0, 24.0, 0.0, 0.0]
    assert gradient(np.prod, np.array([2.0, 0.0, 3.0, 0.0])).tolist() == [0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("sigmoid", (-40, 40)),
        ("tanh", (-20, 20)),
        ("softplus", (-40, 40)),
        ("gelu", (-8, 8)),
        ("silu", (-40, 40)),
        ("mish", (-20, 20)),
    ],
)
def test_slopes_far_out_keep_their_digits(name, places):
    exact = {
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "tanh": mpmath.tanh,
        "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
        "gelu": lambda z: z * mpmath.ncdf(z),
        "silu": lambda z: z / (1 + mpmath.exp(-z)),
        "mish": lambda z: z * mpmath.tanh(mpmath.log(1 + mpmath.exp(z))),
    }[name]
    for place in places:
        with mpmath.workdps(60):
            right = float(mpmath.diff(exact, mpmath.mpf(place)))
        assert float(gradient(getattr(xp, name), float(place))) == pytest.approx(right, rel=3e-14)


def test_put_overwrites_an_entry():
    bar = gradient(lambda x: np.sum(xp.put(x, 1, x[0] ** 2) * V), V)
    close(bar, [V[0] + 2 * V[0] * V[1], 0.0, V[2]])


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x, r"needs one real number but f is of shape \(3,\): take a sum"),
        (lambda x: np.sum(x) * 1j, "needs one real number but f is complex"),
        (lambda x: np.array([x[0], x[1]]).sum(), "put it together by np.stack"),
    ],
    ids=["vector", "complex", "np.array"],
)
def test_what_has_no_gradient_is_told_with_its_mend(f, message):
    with pytest.raises(UsageError, match=message):
        gradient(f, V)


def test_assignment_to_an_entry_is_told_with_its_mend():
    def f(x):
        x[0] = 1.0
        return np.sum(x)

    with pytest.raises(UsageError, match=r"use arrays.put\(a, index, value\)"):
        gradient(f, V)


def test_a_function_of_numpy_that_we_lack_is_named():
    with pytest.raises(TypeError, match=r"no implementation found for .numpy\.interp"):
        gradient(lambda x: np.sum(np.interp(x, V, V)), V)
