"""Parameters in float32, float16 and complex numbers: right gradients agree, planted faults do not."""

import numpy as np
import pytest

import gradcheck
from gradcheck.errors import UsageError
from gradcheck.results.outcomes import Outcome

W0 = np.array([[0.3, -0.2, 0.9], [0.1, 0.7, -0.4]])
X = np.array([[1.0, 2.0], [0.3, -0.5], [-1.2, 0.8]])


def loss(W):
    return np.mean(np.tanh(X.astype(W.dtype) @ W) ** 2)


def grad(W):
    t = np.tanh(X.astype(W.dtype) @ W)
    return X.astype(W.dtype).T @ (2 * t * (1 - t**2)) / W.dtype.type(t.size)


def notes_of(result):
    return "; ".join(result.notes)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_right_gradient_in_less_than_float64_agrees(dtype):
    assert gradcheck.check(loss, grad, at=W0.astype(dtype))
    assert gradcheck.check_vjp(lambda W: np.tanh(X.astype(W.dtype) @ W),
                               lambda dy, W: X.astype(W.dtype).T @ (dy * (1 - np.tanh(X.astype(W.dtype) @ W) ** 2)),
                               at=W0.astype(dtype))  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("fault", [1.01, 2.0, -1.0])
def test_a_wrong_entry_in_less_than_float64_disagrees(dtype, fault):
    def wrong(W):
        gradient = grad(W)
        gradient[1, 2] *= W.dtype.type(fault)
        return gradient

    result = gradcheck.check(loss, wrong, at=W0.astype(dtype))
    assert result.outcome is Outcome.DISAGREE
    assert result.parameters[0].wrong_entries == ((1, 2),)


def test_a_gradient_is_judged_in_its_own_precision():
    """8 roundings of float32 are 5e-7 of the entry and of the largest: more than that shows, less is not promised."""
    assert not gradcheck.check(loss, lambda W: grad(W) * np.float32(1 + 1e-4), at=W0.astype(np.float32))
    assert 1e-7 < gradcheck.check(loss, grad, at=W0.astype(np.float32)).resolution < 1e-4
    assert gradcheck.check(loss, grad, at=W0).resolution < 1e-7


def test_the_loss_is_evaluated_in_float64():
    seen = set()

    def watched(W):
        seen.add(W.dtype)
        return loss(W)

    result = gradcheck.check(watched, grad, at=W0.astype(np.float32))
    assert result
    assert seen == {np.dtype(np.float64)}
    assert result.parameters[0].bar.max() < 1e-8


def test_the_generic_point_is_one_that_the_parameters_can_hold():
    result = gradcheck.check(loss, grad, at=W0.astype(np.float32))
    for point in result.points:
        np.testing.assert_array_equal(point.values["W"].astype(np.float32), point.values["W"])


def test_cancellation_in_the_gradient_is_rounding_and_no_fault():
    """d/dx (1e4 + x)^2 - 1e8 - 2e4 x, written as a difference of large numbers: in float32 it has few right digits."""

    def cancels(x):
        big = x.dtype.type(1e4)
        return 2 * (big + x) - 2 * big

    result = gradcheck.check(lambda x: float(np.sum(x**2)), cancels, at=np.array([0.3, -0.8], dtype=np.float32))
    assert result
    assert "x was judged with the gradient in float64: rounding in float32 moves it by up to " in notes_of(result)
    half = gradcheck.check(lambda x: float(np.sum(x**2)), lambda x: cancels(x) * 2, at=np.float32([0.3, -0.8]))
    assert half.outcome is Outcome.DISAGREE


def test_a_loss_that_takes_float32_only_is_said_to():
    def picky(W):
        if W.dtype != np.float32:
            raise TypeError(f"expected float32, got {W.dtype}")
        return loss(W)

    result = gradcheck.check(picky, grad, at=W0.astype(np.float32))
    assert "picky takes float32 only, so it could not be evaluated in float64: " in notes_of(result)
    assert "expected float32, got float64" in notes_of(result)
    assert result.outcome is not Outcome.DISAGREE
    assert gradcheck.check(picky, lambda W: grad(W) * 2, at=W0.astype(np.float32)).outcome is Outcome.DISAGREE


def test_a_loss_that_rounds_to_float32_itself_is_said_to():
    result = gradcheck.check(lambda W: loss(W.astype(np.float32)), grad, at=W0.astype(np.float32))
    assert "computes in float32 whatever it is given" in notes_of(result)
    assert result.outcome is not Outcome.DISAGREE
    assert "computes in float32" not in notes_of(gradcheck.check(loss, grad, at=W0.astype(np.float32)))


def test_a_float16_loss_is_undecided_and_says_why():
    result = gradcheck.check(lambda x: (x.astype(np.float16) ** 2).sum(), lambda x: 2 * x, at=np.float16([0.3, -0.8]))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "computes in float16 whatever it is given, which limits what can be seen" in notes_of(result)


def test_no_rounding_is_noted_where_there_is_none():
    assert gradcheck.check(lambda x: (x * x).sum(), lambda x: 2 * x, at=np.float16([0.3, -0.8])).notes == ()


Z = np.array([0.3 - 0.8j, 1.1 + 0.4j, -0.7 + 0.2j])


def energy(z):
    return float(np.sum(np.abs(z**2 + 1) ** 2))


def energy_gradient(z):
    """dL/da + i dL/db of |z^2 + 1|^2: 2 conj(2z) (z^2 + 1), on paper by Wirtinger's rules."""
    return 4 * np.conj(z) * (z**2 + 1)


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
def test_complex_parameters_are_two_real_ones_and_the_convention_is_stated(dtype):
    result = gradcheck.check(energy, energy_gradient, at=Z.astype(dtype))
    assert result
    assert [v.name for v in result.parameters] == ["z.real", "z.imag"]
    assert "z = a + ib is read as dL/da + i dL/db (the convention of torch)" in notes_of(result)
    assert gradcheck.check(energy, energy_gradient, at=0.3 - 0.8j)
    assert gradcheck.check(lambda z: (z * z.conj()).sum(), lambda z: 2 * z, at=(Z,), wrt=["z"])


def test_the_conjugate_convention_is_a_disagreement_with_its_name():
    result = gradcheck.check(energy, lambda z: np.conj(energy_gradient(z)), at=Z)
    assert result.outcome is Outcome.DISAGREE
    verdict = result.parameters[1]
    assert (verdict.name, verdict.pattern) == ("z.imag", "the conjugate of the true gradient")
    assert verdict.remark == (
        "conjugate convention: the gradient of z is dL/da - i dL/db (that of jax), expected is dL/da + i dL/db (that "
        "of torch): return its conjugate"
    )
    assert result.parameters[0].outcome is Outcome.AGREE


def test_another_fault_of_a_complex_gradient_is_not_called_conjugate():
    result = gradcheck.check(energy, lambda z: 2 * energy_gradient(z), at=Z)
    assert {v.name for v in result.parameters if v.outcome is Outcome.DISAGREE} == {"z.real", "z.imag"}
    assert all("conjugate" not in (v.remark or "") for v in result.parameters)
    result = gradcheck.check(energy, lambda z: energy_gradient(z).real, at=Z)
    assert [v.name for v in result.parameters if v.outcome is Outcome.DISAGREE] == ["z.imag"]
    assert "conjugate" not in (result.parameters[1].remark or "")


def test_complex_gradients_of_torch_agree_and_those_of_jax_are_conjugate():
    torch = pytest.importorskip("torch")

    def by_torch(z):
        t = torch.tensor(z, requires_grad=True)
        (((t**2 + 1).abs()) ** 2).sum().backward()
        return t.grad.numpy()

    assert gradcheck.check(energy, by_torch, at=Z)
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    by_jax = jax.grad(lambda z: (jax.numpy.abs(z**2 + 1) ** 2).sum())
    assert "conjugate" in gradcheck.check(energy, lambda z: np.asarray(by_jax(z)), at=Z).parameters[1].pattern


def test_a_complex_vjp_follows_the_same_convention():
    A = np.array([[0.3 + 0.1j, -0.2j, 0.9], [0.1, 0.7 - 0.5j, -0.4]])
    assert gradcheck.check_vjp(lambda z: A @ z, lambda dy, z: A.conj().T @ dy, at=Z)
    assert not gradcheck.check_vjp(lambda z: A @ z, lambda dy, z: A.T @ dy, at=Z)


def test_integers_are_refused_with_what_mends_it():
    with pytest.raises(UsageError, match=r"parameter x holds integers \(int64\): .*, pass x\.astype\(float\)"):
        gradcheck.check(lambda x: float(x.sum()), lambda x: x, at=np.arange(3))
    with pytest.raises(UsageError, match=r"parameter v holds integers .*, pass np\.array\(v, dtype=float\)"):
        gradcheck.check(lambda v: float(sum(v)), lambda v: v, at=[1, 2])
    with pytest.raises(UsageError, match=r"returns complex128: return one real number, for example its \.real"):
        gradcheck.check(lambda z: (z**2).sum(), lambda z: 2 * z, at=Z)
