"""The right numbers in a wrong order: axes, ends, gates and indices confused; offered, and mended in whole files."""

import ast

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.candidates.arrangements import rearrange
from gradcheck.diagnosis.candidates.heads import change_head
from gradcheck.diagnosis.candidates.indices import change_indices, other_slices
from gradcheck.diagnosis.candidates.places import operands, place_at
from gradcheck.diagnosis.candidates.statements import rename_indices
from gradcheck.diagnosis.candidates.subscripts import change_subscripts
from gradcheck.diagnosis.edits import apply_edits, apply_swaps, read_source
from gradcheck.subject.cases import gradient_at, own_point
from gradcheck.subject.targets import case_of_file

V, M = np.arange(3.0), np.arange(6.0).reshape(2, 3)
C = np.arange(24.0).reshape(2, 3, 4)
SCOPE = {"np": np, "v": V, "M": M, "C": C, "h": 2, "n": 3}


def placed(expression):
    text = f"d = {expression}\n"
    source = read_source(text)
    return text, place_at(source, ast.parse(text).body[0].value)


def offered(found, text):
    return {apply_swaps(text, one.swaps)[4:-1] for one in found}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("np.convolve(e, v)", "np.convolve(e, v[::-1])"),
        ("M", "M[::-1, ::-1]"),
        ("M", "M[:, ::-1]"),
        ("C.reshape(-1, 2)", "C.transpose(1, 2, 0).reshape(-1, 2)"),
        ("C.transpose(0, 2, 1)", "C.transpose(1, 0, 2)"),
        ("M.reshape(n, h)", "M.reshape(h, n).transpose(1, 0)"),
        ("M.reshape(n, h).transpose(1, 0)", "M.reshape(h, n)"),
        ("np.cumsum(v)", "np.cumsum(v[::-1])[::-1]"),
        ("np.tile(v, 2)", "np.repeat(v, 2, axis=-1)"),
        ("np.tile(M, (1, 4))", "np.repeat(M, 4, axis=1)"),
    ],
)
def test_the_same_numbers_in_another_order_are_offered(wrong, right):
    text, place = placed(wrong)
    values = {}
    for node in operands(place):
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        if names <= set(SCOPE):
            values[node] = (eval(ast.unparse(node), SCOPE),)
    assert right in offered(rearrange(place, values), text)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("np.einsum('ij,jk->ik', a, b)", "np.einsum('ij,jk->ki', a, b)"),
        ("np.einsum('ij, jk -> ik', a, b)", "np.einsum('ji,jk->ik', a, b)"),
        ('np.einsum("ij,ik->jk", a, b)', 'np.einsum("ik,ij->jk", a, b)'),
    ],
)
def test_subscripts_are_permuted(wrong, right):
    text, place = placed(wrong)
    assert right in offered(change_subscripts(place), text)


def test_slices_of_the_same_file_are_exchanged():
    text, place = placed("z[:, h:2 * h]")
    assert offered(other_slices(place, ["h:2 * h", ":h", "2 * h:3 * h"]), text) == {"z[:, :h]", "z[:, 2 * h:3 * h]"}


def test_a_step_is_counted_from_the_other_end():
    text, place = placed("z[t]")
    assert "z[-1 - t]" in offered(change_indices(place), text)
    text, place = placed("z[n - 1 - t]")
    assert "z[t]" in offered(change_indices(place), text)


def test_the_two_indices_of_an_addition_at_places_are_exchanged():
    text, place = placed("np.add.at(z, (i, j), g)")
    assert "np.add.at(z, (j, i), g)" in offered(change_indices(place), text)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("d[i] += e[j] * w[j]", "d[j] += e[i] * w[i]"),
        ("d[i] += e[j] * w[j]", "d[i] += e[k] * w[k]"),
        ("np.add.at(d, i, e[j])", "np.add.at(d, j, e[i])"),
    ],
)
def test_indices_change_places_throughout_a_statement(wrong, right):
    source = read_source(wrong)
    (statement,) = ast.parse(wrong).body
    assert right in {apply_swaps(wrong, one.swaps) for one in rename_indices(source, statement, ("i", "j", "k"))}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("range(n)", "reversed(range(n))"), ("zip(xs, hs)", "zip(xs, hs[::-1])"), ("steps", "reversed(steps)")],
)
def test_loops_run_backwards(wrong, right):
    text, place = placed(wrong)
    assert right in offered(change_head(place), text)


FILE = """\
import numpy as np

R = np.random.RandomState(3)
X, T = R.randn(4, 2, 3), R.randn(6)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(4, 3), "k": r.randn(3)}


def forward(W, k):
    a = np.tanh(np.einsum("nij,nj->nij", X, W))
    flat = a.transpose(1, 0, 2).reshape(2, -1)
    return a, flat, np.array([np.convolve(row[:8], k[::-1], mode="valid") for row in flat])


def loss(W, k):
    return 0.5 * np.sum((forward(W, k)[2] - T) ** 2)


def grads(W, k):
    a, flat, z = forward(W, k)
    e = z - T
    dflat = np.zeros_like(flat)
    dflat[:, :8] = [np.convolve(one, k) for one in e]
    da = dflat.reshape(2, 4, 3).transpose(1, 0, 2) * (1 - a ** 2)
    dk = np.array([np.sum(e * flat[:, j:j + 6]) for j in range(3)])
    return {"W": np.einsum("nij,nij->nj", da, X), "k": dk}
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("np.convolve(one, k)", "np.convolve(one, k[::-1])"),
        ("dflat.reshape(2, 4, 3).transpose(1, 0, 2)", "dflat.reshape(4, 2, 3)"),
        ("dflat[:, :8]", "dflat[:, 4:]"),
    ],
)
def test_a_file_is_mended(tmp_path, right, wrong):
    planted = FILE.replace(right, wrong)
    assert planted != FILE
    path = tmp_path / "net.py"
    path.write_text(planted)
    case = case_of_file(path)

    best = diagnose(path, budget=20.0).fixes[0]

    mended, true = changed_case(case, apply_edits(planted, best.edits)), changed_case(case, FILE)
    assert best.edits[0].span.line == FILE[: FILE.index(right)].count("\n") + 1
    for seed in range(900, 905):
        found, wanted = gradient_at(mended, own_point(case, seed)), gradient_at(true, own_point(case, seed))
        for name in wanted:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)
