"""A point on a corner of the loss: which point decides, and what is said."""

import numpy as np

import gradcheck
from gradcheck.results.outcomes import Outcome, Reason

AT = {"x": np.array([0.0, 0.4, -0.3])}


def loss(x):
    return float(np.abs(x).sum() + x @ x)


def grad(x):
    return {"x": np.sign(x) + 2 * x}


def test_a_value_between_the_slopes_agrees_where_a_generic_point_agrees():
    result = gradcheck.check(loss, grad, at=AT)

    assert result.outcome is Outcome.AGREE
    assert [point.kind for point in result.points] == ["given", "generic"]
    assert any("a choice of subgradient at your point" in note for note in result.notes)


def test_who_stays_on_the_corner_stays_undecided():
    result = gradcheck.check(loss, grad, at=AT, stay=True)

    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.KINK)


def test_a_fault_that_the_corner_hides_is_found_at_the_generic_point():
    result = gradcheck.check(loss, lambda x: {"x": np.sign(x) + 2 * x + 0.3 * (np.arange(3) == 0)}, at=AT)

    assert result.outcome is Outcome.DISAGREE
    assert result.parameters[0].wrong_entries == ((0,),)


def test_a_value_outside_of_the_slopes_disagrees_at_the_given_point():
    result = gradcheck.check(loss, lambda x: {"x": np.sign(x) + 2 * x + 1.5 * (x == 0)}, at=AT)

    assert result.outcome is Outcome.DISAGREE
    assert result.point.kind == "given"


def test_where_the_files_own_next_point_is_a_corner_too_the_point_is_moved(tmp_path):
    path = tmp_path / "sparse.py"
    path.write_text(
        "import numpy as np\n\n"
        "def point(seed):\n    w = np.random.RandomState(seed).randn(3)\n    w[1] = 0.0\n    return {'w': w}\n\n"
        "def loss(w):\n    return float(np.sum(np.abs(w)) + np.sum(w ** 3))\n\n"
        "def grads(w):\n    return {'w': np.sign(w) + 3 * w ** 2}\n"
    )
    result = gradcheck.check_file(path)

    assert result.outcome is Outcome.AGREE
    assert np.abs(result.point.values["w"]).min() > 0
