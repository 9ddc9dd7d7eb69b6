"""What a check may be asked for, and what it says to a call that does not fit."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import gradcheck
from gradcheck import Outcome, Reason
from gradcheck.errors import UsageError


def product(W1, b):
    return W1 * W1 * b


def right(W1, b):
    return {"W1": 2 * W1 * b, "b": W1 * W1}


AT = {"W1": 1.2, "b": 0.3}


def test_one_name_may_stand_alone():
    half = lambda W1, b: {"W1": 2 * W1 * b, "b": 7.0}  # noqa: E731
    assert gradcheck.check(product, half, at=AT, wrt="W1")
    assert not gradcheck.check(product, half, at=AT, wrt="b")
    forward, backward = (lambda W1, b: W1 * b), (lambda dy, W1, b: {"W1": dy * b, "b": 0.0})
    assert gradcheck.check_vjp(forward, backward, at=AT, wrt="W1")


@pytest.mark.parametrize("verb", [gradcheck.check_vjp, gradcheck.check_jvp])
def test_a_name_that_is_no_parameter_is_told_by_every_verb(verb):
    with pytest.raises(UsageError, match="wrt names 'V', which is no parameter: choose from x"):
        verb(np.sin, lambda x, dx: np.cos(x) * dx, at=np.array([0.3, 0.4]), wrt="V")


@pytest.mark.parametrize("bounds", [(0, None), {"p": (0, 1)}, {"p.s": (0, 1)}])
def test_bounds_hold_for_all_for_a_group_or_for_one(bounds):
    at = {"p": {"s": np.array([0.01, 0.02])}}
    result = gradcheck.check(lambda p: np.sum(np.log(p["s"])), lambda p: {"p": {"s": 1 / p["s"]}}, at=at, bounds=bounds)
    assert result
    assert len(result.points) == 2
    assert all((point.values["p.s"] > 0).all() for point in result.points)


def test_shapes_alone_keep_to_their_bounds():
    result = gradcheck.check(lambda s: np.sum(s * s), lambda s: {"s": 2 * s}, like={"s": (3,)}, bounds={"s": (0.1, 2)})
    assert all(((point.values["s"] > 0.1) & (point.values["s"] < 2)).all() for point in result.points)


def test_what_is_no_function_is_told():
    with pytest.raises(UsageError, match="3 is no function: give the function itself"):
        gradcheck.check(3, right, at=AT)
    with pytest.raises(UsageError, match="no function"):
        gradcheck.check(product, right(**AT), at=AT)


def test_a_function_that_does_not_take_the_point_is_told():
    with pytest.raises(
        UsageError, match=r"product takes \(W1, b\), the point and the data have W1 \(missing .*'b'\): give"
    ):
        gradcheck.check(product, right, at={"W1": 1.2})
    with pytest.raises(UsageError, match=r"unexpected keyword argument 'c'"):
        gradcheck.check(product, right, at={**AT, "c": 1.0})


def test_a_result_can_be_pickled_and_copied():
    result = gradcheck.check(product, right, at=AT)
    for other in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert str(other) == str(result)
        assert other.to_dict() == result.to_dict()


def test_what_is_not_finite_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = gradcheck.check(product, lambda W1, b: {"W1": np.inf, "b": W1 * W1}, at=AT)
    assert result.reason is Reason.NOT_FINITE


def test_nothing_is_missing_of_an_empty_parameter():
    result = gradcheck.check(lambda a, b: np.sum(a) + b * b, lambda a, b: (None, 2 * b), at=(np.zeros((0, 3)), 0.7))
    assert (result.outcome, result.reason) == (Outcome.AGREE, None)


def test_a_hessian_that_is_doubled_is_named_so():
    result = gradcheck.check_hessian(
        lambda x: np.sum(x**4), lambda x: 4 * x**3, lambda x: np.diag(24 * x**2), at=np.array([0.3, 1.2, -0.7])
    )
    assert result.parameters[0].pattern == "twice the true value"


def test_a_sentence_is_said_once():
    moving = iter(range(1000))
    result = gradcheck.check(lambda W1, b: W1 * b + 1e-3 * next(moving), lambda W1, b: {"W1": b, "b": W1}, at=AT)
    assert result.reason is Reason.UNREPEATABLE
    assert str(result).count("at one point") == 1
    missing = gradcheck.check(product, lambda W1, b: {"W1": 2 * W1 * b}, at=AT)
    assert " ".join(str(missing).split()).count("the gradient has no entry 'b'") == 1


def test_a_resolution_that_sees_nothing_is_not_told_as_one():
    result = gradcheck.check(lambda x: np.sum(np.floor(x)), np.zeros_like, at=np.array([1.0, 2.0]), stay=True)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "Resolution" not in str(result)
