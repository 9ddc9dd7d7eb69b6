import numpy as np
import pytest

from gradcheck.judgement.readings import read
from gradcheck.results.outcomes import Reason


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (np.ones((2, 3), dtype=np.float32), np.float32),
        (np.ones((2, 3), dtype=np.float16), np.float16),
        (np.ones((2, 3)), np.float64),
        (np.ones((2, 3), dtype=int), np.float64),
        (np.ones((2, 3), dtype=bool), np.float64),
        (np.ones((2, 3), dtype=object), np.float64),
        (np.ones((2, 3), dtype=complex), np.float64),
        ([[1, 1, 1], [1.0, 1, 1]], np.float64),
        (np.ones((3, 2)).T, np.float64),
    ],
)
def test_numbers_of_any_type_are_read(given, dtype):
    reading = read("W", {"W": given}, (2, 3))

    assert reading.values.tolist() == [[1.0] * 3] * 2
    assert reading.values.dtype == np.float64
    assert reading.dtype == dtype
    assert reading.reason is None


@pytest.mark.parametrize(
    ("shape", "got", "sentence"),
    [
        ((2, 3), (3, 2), "W has shape (2, 3), its gradient (3, 2): transpose it"),
        ((2, 3), (6,), "W has shape (2, 3), its gradient (6,): reshape it"),
        ((3, 1), (3,), "W has shape (3, 1), its gradient (3,): reshape it"),
        ((3,), (8, 3), "W has shape (3,), its gradient (8, 3): sum it over the axes that the parameter does not have"),
        ((), (8,), "W has shape (), its gradient (8,): sum it over the axes that the parameter does not have"),
        ((8, 3), (3,), "W has shape (8, 3), its gradient (3,): return one partial per entry; a sum was taken too many"),
        ((3,), (), "W has shape (3,), its gradient (): return one partial per entry; a sum was taken too many"),
        ((3,), (4,), "W has shape (3,), its gradient (4,): return one partial per entry of the parameter"),
    ],
)
def test_another_shape_is_named_with_its_mend(shape, got, sentence):
    reading = read("W", {"W": np.ones(got)}, shape)

    assert reading.reason is Reason.SHAPE
    assert reading.remark == sentence
    assert reading.values.shape == shape


@pytest.mark.parametrize(("shape", "got"), [((), (1,)), ((1,), ()), ((1, 1), (1,))])
def test_one_number_is_one_number_in_any_shape(shape, got):
    reading = read("b", {"b": np.full(got, 2.5)}, shape)

    assert reading.values.tolist() == np.full(shape, 2.5).tolist()
    assert reading.reason is None
    assert reading.remark == f"b has shape {shape}, its gradient {got}: reshape it"


def test_a_missing_entry_is_named_beside_those_that_are_there():
    assert read("b", {"W": 1.0}, ()).reason is Reason.MISSING
    assert read("b", {"W": 1.0}, ()).remark == "the gradient has no entry 'b', only 'W': return one under that name"
    assert read("b", {"b": None}, ()).reason is Reason.MISSING
    assert (
        read("b", {"b": None}, ()).remark == "the gradient of b is None: return zeros if the loss does not depend on it"
    )


@pytest.mark.parametrize("given", ["text", 1j, [1.0, [2.0]], object(), {"a": 1}])
def test_what_is_no_real_number_is_said_so(given):
    reading = read("b", {"b": given}, (2,))

    kind = type(given).__name__
    assert reading.reason is Reason.NOT_NUMBERS
    assert reading.remark == f"the gradient of b ({kind}) holds no real numbers: return an array of floats"
