"""Points of other shapes: fixes that are right at the file's own sizes only are not preferred."""

import time

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.checks import check_file
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.reshaping import reshaped
from gradcheck.diagnosis.resizing import resized
from gradcheck.subject.cases import gradient_at, loss_at, own_point
from gradcheck.subject.products import cotangent_of
from gradcheck.subject.structures import Flat
from gradcheck.subject.targets import case_of_file, cases_of_pair

TWO_OUTPUTS = """\
import numpy as np

r = np.random.RandomState(0)
X, Y = r.randn(6, 3), r.randn(6, 2)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 2), "b": r.randn(2)}


def loss(W, b):
    return np.mean((X @ W + b - Y) ** 2)


def grads(W, b):
    dz = 2 * (X @ W + b - Y) / Y.size
    return {"W": X.T @ dz, "b": dz.sum(axis=0)}
"""

BATCHES = """\
import numpy as np


def point(seed, batch=4):
    r = np.random.RandomState(seed)
    return {"x": r.randn(batch, 2), "W": r.randn(2, 2)}


def loss(x, W):
    return np.sum(np.mean(np.tanh(x @ W), axis=0) ** 2)


def grads(x, W):
    a = np.tanh(x @ W)
    dz = 2 * np.mean(a, axis=0) / len(x) * (1 - a ** 2)
    return {"x": dz @ W.T, "W": x.T @ dz}
"""

OWN_SIZES = """\
import numpy as np

X = np.random.RandomState(0).randn(6, 3)


def point(seed):
    return {"w": np.random.RandomState(seed).randn(3)}


def loss(w):
    return np.mean((X @ w) ** 2)


def grads(w):
    return {"w": X.T @ (X @ w) / 3}
"""


def cases_of(tmp_path, text, wrong=()):
    path = tmp_path / "net.py"
    path.write_text(text)
    case = case_of_file(path)
    return reshaped(case, own_point(case, 3), wrong, time.process_time() + 30)


def test_lengths_of_data_and_parameters_change_together(tmp_path):
    found = cases_of(tmp_path, TWO_OUTPUTS)

    shapes = {one.words: {name: array.shape for name, array in one.truth.point.items()} for one in found}
    assert shapes == {
        "other data": {"W": (3, 2), "b": (2,)},
        "5 for 6 (`X.shape[0]`, `Y.shape[0]`)": {"W": (3, 2), "b": (2,)},
        "4 for 2 (`W.shape[1]`, `len(b)`)": {"W": (3, 4), "b": (4,)},
        "4 for 3 (`W.shape[0]`, `X.shape[1]`)": {"W": (4, 2), "b": (2,)},
    }


PAIRS = """
import numpy as np

r = np.random.RandomState(0)
DATA = [(r.randn(4, 2), r.randn(4)) for _ in range(3)]


def point(seed):
    return {"w": np.random.RandomState(seed).randn(2)}


def loss(w):
    return sum(np.sum((x @ w - t) ** 2) for x, t in DATA) / len(DATA)


def grads(w):
    return {"w": sum(2 * x.T @ (x @ w - t) for x, t in DATA) / 3}
"""


def test_examples_in_a_list_are_more_or_fewer_too(tmp_path):
    found = cases_of(tmp_path, PAIRS, wrong=("w",))
    assert [one.words for one in found] == ["other data", "5 for 4", "5 for 3"]
    assert len(found[-1].case.functions.loss.__globals__["DATA"]) == 5


def test_the_truth_at_other_shapes_is_that_of_the_formula(tmp_path):
    for one in cases_of(tmp_path, TWO_OUTPUTS):
        gradient = gradient_at(one.case, one.truth.point)
        for name, values in one.truth.values.items():
            np.testing.assert_allclose(gradient[name], values, rtol=1e-9)
        assert loss_at(one.case, one.truth.point) == one.truth.loss


def test_a_point_with_a_batch_is_asked_for_others(tmp_path):
    found = cases_of(tmp_path, BATCHES)

    rows = [one.truth.point["x"].shape[0] for one in found if "batch" in one.words]
    assert rows == [7, 3, 1]


THREE = "2 for 3 (`len(w)`, `X.shape[1]`)"


def test_sizes_at_which_what_is_right_becomes_wrong_are_left(tmp_path):
    assert [one.words for one in cases_of(tmp_path, OWN_SIZES)] == ["other data", THREE]
    assert [one.words for one in cases_of(tmp_path, OWN_SIZES, {"w"})] == [
        "other data",
        "5 for 6 (`X.shape[0]`)",
        THREE,
    ]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (TWO_OUTPUTS, "Y.size", "Y.shape[0]"),
        (TWO_OUTPUTS, "Y.size", "len(Y)"),
        (BATCHES, "/ len(x) *", "/ x.shape[1] *"),
    ],
)
def test_the_first_fix_is_right_at_other_shapes(tmp_path, text, right, wrong):
    path = tmp_path / "net.py"
    path.write_text(text.replace(right, wrong))

    best = diagnose(path).fixes[0]

    assert best.other_shapes >= 3
    changed = apply_edits(path.read_text(), best.edits)
    for one in cases_of(tmp_path, text):
        found = gradient_at(changed_case(one.case, changed), one.truth.point)
        for name, values in gradient_at(one.case, one.truth.point).items():
            np.testing.assert_allclose(found[name], values, rtol=1e-12)


GROUPED = """\
import numpy as np

GROUPS = 2
X = np.random.RandomState(4).randn(3, 8, 2)


def point(seed):
    return {"a": np.random.RandomState(seed).randn(8)}


def loss(a):
    return 0.5 * np.sum((X * a[:, None]).reshape(3, GROUPS, -1).mean(axis=2) ** 2)


def grads(a):
    n, c, l = X.shape
    m = c // GROUPS * l
    d = np.repeat((X * a[:, None]).reshape(3, GROUPS, -1).mean(axis=2), m, axis=1) / m
    return {"a": (d.reshape(n, c, l) * X).sum(axis=(0, 2))}
"""


def test_a_number_that_is_a_length_by_chance_stays_what_it_is(tmp_path):
    spaces = [one.case.functions.loss.__globals__ for one in cases_of(tmp_path, GROUPED, {"a"})]
    assert any(space["GROUPS"] == 2 and space["X"].shape[2] != 2 for space in spaces)


def test_a_fix_that_is_right_at_its_own_sizes_only_is_said_to_be(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(OWN_SIZES.replace("/ 3", "/ 6"))

    found = diagnose(path)

    assert found.fixes[0].other_shapes == 2
    assert found.fixes[0].proof == "numeric"  # of a formula that holds for some numbers only nothing is proved
    assert found.fixes[0].fails_with == ("5 for 6 (`X.shape[0]`)",)
    assert not found.notes


LAYER = """\
import numpy as np

point = {"x": np.random.RandomState(0).randn(4, 4), "W": np.random.RandomState(1).randn(4, 3)}


def forward(x, W):
    centred = x - x.mean(axis=1, keepdims=True)
    return np.tanh(centred @ W), (centred, W)


def backward(dy, cache):
    centred, W = cache
    dz = dy * (1 - np.tanh(centred @ W) ** 2)
    dc = dz @ W.T
    rows, columns = centred.shape
    return dc - dc.sum(axis=1, keepdims=True) / columns, centred.T @ dz
"""


def layer_case(tmp_path, text=LAYER):
    path = tmp_path / "layer.py"
    path.write_text(text)
    return cases_of_pair(path, "forward,backward", 1)[0]


def test_a_layer_has_other_shapes_with_cotangents_of_their_own(tmp_path):
    case = layer_case(tmp_path)
    found = reshaped(case, case.at.arrays, (), time.process_time() + 20)
    assert [one.words for one in found] == [
        "2 for 4 (`x.shape[0]`, `x.shape[1]`)",
        "2 for 3 (`W.shape[1]`)",
        "5 for 4 (`x.shape[0]`)",
    ]
    for one in found:
        x, W = one.truth.point["x"], one.truth.point["W"]
        u = cotangent_of(Flat({"y": np.empty((len(x), W.shape[1]))}, {}, dict), 0)["y"]
        assert loss_at(one.case, one.truth.point) == pytest.approx(np.sum(u * forward_of(x, W)), rel=1e-12)
        slope = u * (1 - forward_of(x, W) ** 2)
        np.testing.assert_allclose(one.truth.values["W"], (x - x.mean(1, keepdims=True)).T @ slope, rtol=1e-6)


def forward_of(x, W):
    return np.tanh((x - x.mean(axis=1, keepdims=True)) @ W)


def test_rows_for_columns_in_a_layer_of_as_many_are_told(tmp_path):
    """Two mistakes, of which one is none as long as x has as many rows as columns."""
    planted = LAYER.replace("/ columns,", "/ rows,").replace("dc = dz @ W.T", "dc = 2 * dz @ W.T")
    (tmp_path / "layer.py").write_text(planted)
    found = check_file(tmp_path / "layer.py", vjp="forward,backward").diagnosis
    assert found.fixes[0].other_shapes == 2
    assert found.fixes[0].fails_with == ("5 for 4 (`x.shape[0]`)",)


def test_a_two_too_many_is_rather_that_than_a_half_missing_before_it(tmp_path):
    returned = "return dc - dc.sum(axis=1, keepdims=True) / columns,"
    planted = LAYER.replace(returned, "dx = dc - dc.mean(axis=1, keepdims=True)\n    return 2 * dx,")
    (tmp_path / "layer.py").write_text(planted)
    (edit,) = check_file(tmp_path / "layer.py", vjp="forward,backward").diagnosis.fixes[0].edits
    assert (edit.old, edit.new) == ("2 * ", "")


@pytest.mark.parametrize(
    ("value", "reach", "then"),
    [
        (8, "sizes", 7),
        (8, "axes", 8),
        ([3, 8, 2], "sizes", [3, 7, 2]),
        ([3, 8, 2], "axes", [3, 8, 2]),
        (np.zeros((8, 8, 3)), "axes", (7, 7, 3)),
        (np.zeros((8, 8, 3)), "rows", (7, 8, 3)),
        ({"X": np.zeros(8)}, "rows", {"X": (7,)}),
        ([0, 1, 2, 0, 1, 2, 0, 8], "axes", [0, 1, 2, 0, 1, 2, 0]),
        ("8", "sizes", "8"),
    ],
)
def test_what_a_resized_value_is(value, reach, then):
    def told(one):
        if type(one) is dict:
            return {key: told(inner) for key, inner in one.items()}
        return one.shape if isinstance(one, np.ndarray) else one

    assert told(resized(value, 8, 7, reach)) == then


def test_a_longer_length_repeats_the_first():
    np.testing.assert_array_equal(resized(np.arange(3.0), 3, 5, "axes"), [0, 1, 2, 0, 1])


def test_classes_and_probabilities_still_sum_to_one():
    classes, shares = np.eye(3)[[0, 2, 1, 1, 2]], np.array([[0.5, 0.0, 0.5], [0.0, 0.0, 1.0]])

    for new in (2, 4):
        np.testing.assert_allclose(resized(shares, 3, new, "axes").sum(axis=1), 1)
        fewer = resized(classes, 3, new, "axes")
        np.testing.assert_array_equal(np.sort(fewer, axis=1)[:, -1], 1)
        np.testing.assert_array_equal(fewer.sum(axis=1), 1)
    np.testing.assert_array_equal(resized(classes, 5, 4, "axes"), classes[:4])


EULER = """\
import numpy as np

DT, N = 0.2, 5
RATE, SIGN = 0.25, -2.0
START = np.array([0.3, -0.7, 1.1])


def point(seed):
    return {"w": np.random.RandomState(seed).randn(3)}


def loss(w):
    return np.sum((START + DT * np.tanh(w)) ** 2) + RATE * np.sum(w ** 4)


def grads(w):
    h = np.tanh(w)
    dz = 2 * (START + DT * h) * (1 - h ** 2)
    return {"w": dz * DT + 4 * RATE * w ** 3}
"""


def test_the_constants_of_a_file_get_numbers_of_their_own(tmp_path):
    (one,) = [one for one in cases_of(tmp_path, EULER) if one.words == "other constants"]

    space = one.case.functions.loss.__globals__
    moved = [space["DT"] / 0.2, space["N"] / 5, space["RATE"] / 0.25, space["SIGN"] / -2.0]
    assert len({round(part, 3) for part in moved}) == 4
    assert all(0.8 < part < 0.9 for part in moved)
    w = one.truth.point["w"]
    expected = 2 * (space["START"] + space["DT"] * np.tanh(w)) * space["DT"] / np.cosh(w) ** 2
    np.testing.assert_allclose(one.truth.values["w"], expected + 4 * space["RATE"] * w**3, rtol=1e-7)


def test_a_fix_by_another_number_of_the_same_value_is_not_offered(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(EULER.replace("dz * DT +", "dz +"))

    fixes = diagnose(path).fixes

    assert fixes
    assert all("DT" in edit.new and "/ N" not in edit.new for fix in fixes for edit in fix.edits)


def test_whole_numbers_that_are_sizes_stay(tmp_path):
    text = EULER.replace("DT, N =", "DT, STEPS =").replace(
        "    h = np.tanh(w)\n", "    h = [np.tanh(w) for _ in range(STEPS)][0]\n"
    )

    (one,) = [one for one in cases_of(tmp_path, text) if one.words == "other constants"]

    assert one.case.functions.loss.__globals__["STEPS"] == 5
