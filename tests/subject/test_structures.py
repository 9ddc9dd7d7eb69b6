"""Any structure of parameters becomes named arrays and comes back as it was."""

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck.errors import UsageError
from gradcheck.results.result import Subject
from gradcheck.subject.cases import Functions, gradient_at, loss_at, make_case
from gradcheck.subject.structures import flatten, gather


@dataclass(frozen=True)
class Layer:
    W: np.ndarray
    b: float


def test_nested_structures_get_dotted_names_and_come_back():
    given = {"net": [Layer(np.ones((2, 2)), 0.5), Layer(np.zeros((1, 2)), 1.5)], "scale": (2.0, np.float32(3))}
    flat = flatten(given)
    assert list(flat.arrays) == ["net.0.W", "net.0.b", "net.1.W", "net.1.b", "scale"]
    again = flat.build({name: array + 1 for name, array in flat.arrays.items()})
    assert isinstance(again["net"][0], Layer)
    assert again["net"][0].b == 1.5
    assert isinstance(again["net"][0].b, float)
    np.testing.assert_array_equal(again["net"][1].W, np.ones((1, 2)))


def test_a_list_of_numbers_is_one_parameter():
    flat = flatten({"v": [1.0, 2.0], "M": [[1.0, 2.0], [3.0, 4.0]]})
    assert {name: array.shape for name, array in flat.arrays.items()} == {"v": (2,), "M": (2, 2)}
    assert flat.build(flat.arrays) == {"v": [1.0, 2.0], "M": [[1.0, 2.0], [3.0, 4.0]]}


def test_an_array_keeps_its_layout_and_is_always_fresh():
    W = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    flat = flatten({"W": W})
    first, second = flat.build(flat.arrays)["W"], flat.build(flat.arrays)["W"]
    assert first.flags.f_contiguous
    first[0, 0] = 99
    assert second[0, 0] == W[0, 0] == 0


def test_integers_are_refused_with_a_sentence():
    with pytest.raises(UsageError, match=r"parameter W holds integers \(int64\): .* pass W.astype\(float\)"):
        flatten({"W": np.arange(3)})


def test_what_is_no_number_is_refused_by_name():
    with pytest.raises(UsageError, match=r"parameter a\.b is None: give a real number"):
        flatten({"a": {"b": None}})


def test_a_gradient_is_gathered_in_place_of_each_leaf():
    point = {"W": np.ones((2, 2)), "layers": [np.ones(2), np.ones(3)]}
    gradient = {"layers": [[1, 2], None], "W": [[1, 2], [3, 4]]}
    assert gather(gradient, point) == {"W": [[1, 2], [3, 4]], "layers.0": [1, 2]}


SUBJECT = Subject(None, "f", "g")


@pytest.mark.parametrize(
    ("loss", "grad", "at", "names"),
    [
        (lambda x: float(np.sum(x**2)), lambda x: 2 * x, np.array([1.0, 2.0]), ["x"]),
        (lambda x, y: float(x * y), lambda x, y: (y, x), (2.0, 3.0), ["x", "y"]),
        (lambda *, u: u * u, lambda *, u: {"u": 2 * u}, {"u": 3.0}, ["u"]),
        (lambda p: p["a"] * p["b"], lambda p: {"a": p["b"], "b": p["a"]}, ({"a": 2.0, "b": 3.0},), ["a", "b"]),
    ],
    ids=["array", "tuple", "dict", "one-dict-in-a-tuple"],
)
def test_every_form_of_point_is_called_its_own_way(loss, grad, at, names):
    case = make_case(Functions(loss, grad), at, SUBJECT)
    assert list(case.at.arrays) == names
    assert loss_at(case, case.at.arrays) > 0
    assert list(gradient_at(case, case.at.arrays)) == names


def test_the_gradient_gets_its_own_precision_and_the_loss_gets_float64():
    seen = {}
    case = make_case(
        Functions(lambda x: seen.setdefault("loss", x.dtype) and 1.0, lambda x: seen.setdefault("grad", x.dtype)),
        np.ones(2, dtype=np.float32),
        SUBJECT,
    )
    loss_at(case, case.at.arrays)
    gradient_at(case, case.at.arrays)
    assert seen == {"loss": np.float64, "grad": np.float32}


def test_the_users_arrays_are_never_changed():
    mine = np.ones(3)

    def loss(x):
        x += 1
        return float(x.sum())

    case = make_case(Functions(loss, lambda x: x), mine, SUBJECT)
    loss_at(case, case.at.arrays)
    np.testing.assert_array_equal(mine, np.ones(3))
