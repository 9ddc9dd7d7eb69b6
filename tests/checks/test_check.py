"""The verbs: right gradients agree, wrong ones do not, and blind points are left."""

import numpy as np
import pytest

import gradcheck
from gradcheck.errors import UsageError, UserCodeError
from gradcheck.examples import path_of
from gradcheck.results.outcomes import Outcome, Reason

W0, X = np.array([[0.3, -0.2], [0.1, 0.7]]), np.array([1.0, 2.0])


def loss(W, b):
    return 0.5 * float(np.sum(np.tanh(W @ X + b) ** 2))


def grad(W, b):
    a = np.tanh(W @ X + b)
    delta = a * (1 - a**2)
    return {"W": np.outer(delta, X), "b": delta}


AT = {"W": W0, "b": np.array([0.05, -0.4])}


def test_a_right_gradient_agrees_and_says_its_resolution():
    result = gradcheck.check(loss, grad, at=AT)
    assert result
    assert 0 < result.resolution < 1e-6
    assert [point.kind for point in result.points] == ["given", "generic"]
    assert result.audit.caught == result.audit.planted > 0
    assert gradcheck.assert_gradient(loss, grad, at=AT) is None


@pytest.mark.parametrize("fault", [2.0, -1.0, 1 + 1e-6])
def test_a_wrong_entry_disagrees_by_name(fault):
    def wrong(W, b):
        gradient = grad(W, b)
        gradient["W"][0, 1] *= fault
        return gradient

    result = gradcheck.check(loss, wrong, at=AT)
    assert result.outcome is Outcome.DISAGREE
    assert {v.name: v.wrong_entries for v in result.parameters} == {"W": ((0, 1),), "b": ()}
    with pytest.raises(gradcheck.GradientMismatch, match="W"):
        gradcheck.assert_gradient(loss, wrong, at=AT)


def test_a_fault_that_only_a_generic_point_shows_is_found_and_explained():
    def two_paths(u, v):
        return u * v

    result = gradcheck.check(two_paths, lambda u, v: {"u": u, "v": u}, at={"u": 0.5, "v": 0.5})
    assert result.outcome is Outcome.DISAGREE
    assert result.blind
    assert result.why.startswith("u = v (0.5)")
    assert result.points[0].outcome is Outcome.AGREE
    stayed = gradcheck.check(two_paths, lambda u, v: {"u": u, "v": u}, at={"u": 0.5, "v": 0.5}, stay=True)
    assert stayed.outcome is Outcome.AGREE
    assert len(stayed.points) == 1


def test_shapes_in_place_of_a_point():
    result = gradcheck.check(loss, grad, like={"W": (2, 2), "b": (2,)})
    assert result
    assert [point.kind for point in result.points] == ["generic"]


def test_value_and_grad_args_kwargs_and_wrt():
    def both(x, scale, *, shift):
        return float(np.sum(scale * x**2 + shift * x)), 2 * scale * x + shift

    x = np.array([0.5, -1.5])
    assert gradcheck.check(both, at=x, value_and_grad=True, args=(3.0,), kwargs={"shift": 0.25})
    half_right = lambda W, b: grad(W, b) | {"b": np.zeros(2)}  # noqa: E731
    assert gradcheck.check(loss, half_right, at=AT, wrt=["W"])
    assert not gradcheck.check(loss, half_right, at=AT)


def test_the_gradients_own_faults_are_disagreements():
    def reasons(gradient):
        result = gradcheck.check(loss, lambda W, b: gradient(W, b), at=AT)
        assert result.outcome is Outcome.DISAGREE
        return {v.name: (v.reason, v.remark) for v in result.parameters if v.outcome is Outcome.DISAGREE}

    assert reasons(lambda W, b: {"W": grad(W, b)["W"]})["b"][0] is Reason.MISSING
    assert reasons(lambda W, b: {**grad(W, b), "b": None})["b"][0] is Reason.MISSING
    reason, remark = reasons(lambda W, b: {**grad(W, b), "b": np.ones(3)})["b"]
    assert reason is Reason.SHAPE
    assert "b has shape (2,), its gradient (3,)" in remark
    assert reasons(lambda W, b: {**grad(W, b), "b": np.array([np.nan, 1])})["b"][0] is Reason.NOT_FINITE


def test_a_transposed_gradient_is_told_to_be_transposed():
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    result = gradcheck.check(lambda M: float((A * M).sum()), lambda M: {"M": A.T}, at={"M": np.ones((2, 3)) / 7})
    assert result.parameters[0].remark == "M has shape (2, 3), its gradient (3, 2): transpose it"


def test_entries_that_are_no_parameters_are_a_note():
    result = gradcheck.check(loss, lambda W, b: {**grad(W, b), "c": 1.0}, at=AT)
    assert result
    assert result.notes[0] == "the gradient has entries that are no parameters: c"


def test_a_loss_that_is_not_finite_decides_nothing():
    result = gradcheck.check(lambda x: float(np.log(x)), lambda x: 1 / x, at=-1.0, stay=True)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.reason is Reason.NONFINITE


def test_calls_that_do_not_fit_say_so():
    with pytest.raises(UsageError, match="give grad=, or value_and_grad=True"):
        gradcheck.check(loss, at=AT)
    with pytest.raises(UsageError, match="give either at= "):
        gradcheck.check(loss, grad)
    with pytest.raises(UsageError, match="wrt names 'V', which is no parameter: choose from W, b"):
        gradcheck.check(loss, grad, at=AT, wrt=["V"])
    with pytest.raises(UsageError, match="the point has no numbers"):
        gradcheck.check(loss, grad, at={})


def test_an_exception_of_the_users_code_has_its_line():
    def breaks(W, b):
        raise KeyError("W3")

    with pytest.raises(UserCodeError, match=r"line \d+ in breaks: KeyError: 'W3'"):
        gradcheck.check(breaks, grad, at=AT)


def test_the_source_example_disagrees_in_b1_alone_at_a_generic_point():
    result = gradcheck.check_file(path_of("two_two_one.py"))
    assert result.outcome is Outcome.DISAGREE
    assert [v.name for v in result.parameters if v.outcome is Outcome.DISAGREE] == ["b1"]
    assert result.blind
    assert result.why.startswith("w5 = w6 (moving one of them alone")
    assert "outh1 = outh2" in result.why
    p = {name: float(array) for name, array in result.point.values.items()}
    h1, h2 = (1 / (1 + np.exp(-(p[a] * 0.02 + p[b] * 0.03 + p["b1"]))) for a, b in (("w1", "w2"), ("w3", "w4")))
    out = p["w5"] * h1 + p["w6"] * h2 + p["b2"]
    b1 = result.parameters[6].entry(())
    assert b1.exact == pytest.approx((out - 7) * (p["w5"] * h1 * (1 - h1) + p["w6"] * h2 * (1 - h2)), rel=1e-13)
    assert b1.yours - b1.exact == pytest.approx((out - 7) * (p["w5"] - p["w6"]) * h2 * (1 - h2), rel=1e-12)
    assert b1.backprop == pytest.approx(b1.exact, rel=1e-14)
    assert abs(b1.numeric - b1.exact) <= b1.error_bar


def test_the_source_examples_own_point_is_seen_as_agreeing():
    result = gradcheck.check_file(path_of("two_two_one.py"), stay=True)
    assert result.outcome is Outcome.AGREE
    assert "w1 = w2 = w3 = w4 = w5 = w6 (0.2)" in result.why


@pytest.mark.parametrize("name", ["two_two_one_mended.py", "sigmoid_circuit.py"])
def test_the_other_examples_agree(name):
    result = gradcheck.check_file(path_of(name))
    assert result
    assert all(v.exact is not None and v.backprop is not None for v in result.parameters)


def test_code_that_cannot_be_traced_is_judged_by_numbers_alone(tmp_path):
    path = tmp_path / "opaque.py"
    path.write_text("import struct\npoint = {'x': 0.5, 'y': 0.25}\n"
                    "def loss(x, y):\n    return struct.unpack('d', struct.pack('d', x))[0] * y\n"
                    "def grads(x, y):\n    return {'x': y, 'y': 2 * x}\n")  # fmt: skip
    result = gradcheck.check_file(path)
    assert [v.name for v in result.parameters if v.outcome is Outcome.DISAGREE] == ["y"]
    assert all(v.exact is None and v.backprop is None for v in result.parameters)
    assert any("line 4" in sentence for _, sentence in result.evidence.missing)


@pytest.mark.parametrize(
    "network", ["2-2-1:sigmoid,linear", "source-2-2-2", "3-4-2:tanh,linear;loss=softmax_cross_entropy"]
)
def test_three_opinions_on_a_network(network):
    result = gradcheck.cross_check(network)
    assert result
    assert all(v.exact is not None for v in result.parameters)


def test_two_different_networks_are_said_before_wrong_gradients(monkeypatch):
    network = gradcheck.from_text("2-2-1:sigmoid,linear")
    other = gradcheck.from_text("2-2-1:tanh,linear")
    from gradcheck.symbolic import from_network

    monkeypatch.setattr(from_network, "system_of", lambda _, point, real=from_network.system_of: real(other, point))
    result = gradcheck.cross_check(network)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.reason is Reason.TWO_NETWORKS


def test_demands_that_make_no_sense_are_refused():
    for options, said in [
        ({"resolution": 0}, "above 0"),
        ({"resolution": -1}, "above 0"),
        ({"wrt": []}, "wrt is empty"),
        ({"bounds": 0.1}, r"write \(low, high\)"),
        ({"bounds": {"V": (0, 1)}}, "bounds names 'V', which is no parameter: choose from W, b"),
        ({"resolution": "fine"}, "resolution is 'fine'"),
        ({"bounds": {"b": 3}}, r"write \(low, high\)"),
        ({"bounds": {"b": (2, 0.1)}}, "with low below high"),
    ]:
        with pytest.raises(UsageError, match=said):
            gradcheck.check(loss, grad, at=AT, **options)


def test_a_resolution_that_cannot_be_had_is_not_agreed_to():
    result = gradcheck.check(loss, grad, at=AT, resolution=1e-20)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.reason is Reason.RESOLUTION


def test_a_gradient_without_names_is_told_to_use_them():
    result = gradcheck.check(loss, lambda W, b: (1.0,), at=AT, stay=True)
    assert "the gradient holds nothing by name: return a dict" in result.parameters[0].remark


def test_a_dead_unit_beside_its_corner_agrees_with_zero():
    assert gradcheck.cross_check(gradcheck.Network(2, (gradcheck.Dense(2, "relu", bias="shared"),)))
