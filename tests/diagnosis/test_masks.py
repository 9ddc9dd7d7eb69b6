"""Which entries of a mask should be the other way round, from what each does alone."""

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.masks import wanted_mask
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.subject.targets import case_of_file

RATIOS = """\
import numpy as np

R = np.random.RandomState(2)
X, A, CLIP = R.randn(9, 3), R.randn(9), 0.3


def point(seed):
    return {"w": 0.4 * np.random.RandomState(seed).randn(3), "b": 0.1}


def loss(w, b):
    r = np.exp(X @ w + b)
    return -np.sum(np.minimum(r * A, np.clip(r, 1 - CLIP, 1 + CLIP) * A))


def grads(w, b):
    r = np.exp(X @ w + b)
    cut = ((A > 0) & (r > 1 + CLIP)) | ((A < 0) & (r < 1 - CLIP))
    dz = np.where(cut, 0.0, -A) * r
    return {"w": X.T @ dz, "b": dz.sum()}
"""


def outputs(true, yours):
    truth = Truth({}, 0.0, {"w": true}, {"w": np.zeros_like(true)})
    return outputs_of(truth, {"w": yours})


@pytest.mark.parametrize(("outs", "entries"), [(8, 5), (5, 5), (5, 9), (3, 9)])
def test_the_entries_that_together_are_what_is_wrong_are_found(outs, entries):
    random = np.random.default_rng(outs + entries)
    matrix, have = random.normal(size=(outs, entries)), random.integers(0, 2, entries).astype(float)
    want = have.copy()
    want[[1, 3]] = 1 - want[[1, 3]]

    class Layout:
        values = ()

    told = outputs(matrix @ want, matrix @ have)
    found = wanted_mask(lambda mask: matrix @ mask, have, matrix @ have, told, Layout())

    assert found is not None
    np.testing.assert_allclose(matrix @ found.want, matrix @ want, atol=1e-9)
    if outs >= entries:
        np.testing.assert_array_equal(found.want, want)


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (RATIOS, "(r < 1 - CLIP)", "(r > 1 + CLIP)"),
        (RATIOS, "(r > 1 + CLIP)", "(r > 1 - CLIP)"),
    ],
)
def test_a_condition_is_mended(tmp_path, assert_same, text, right, wrong):
    planted = text.replace(right, wrong)
    assert planted != text
    path = tmp_path / "net.py"
    path.write_text(planted)

    found = diagnose(path, budget=20.0)

    case, best = case_of_file(path), found.fixes[0]
    assert found.suspects[0].span.line == text[: text.index(right)].count("\n") + 1
    mended, true = changed_case(case, apply_edits(planted, best.edits)), changed_case(case, text)
    assert_same(true, mended, range(900, 905))
