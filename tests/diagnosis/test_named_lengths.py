"""A number that is a length is named as one, and what only fits the file's own numbers is called a hint."""

import ast

import pytest

from gradcheck.checks import check_file
from gradcheck.diagnosis.candidates.insertions import insertions
from gradcheck.diagnosis.candidates.places import place_at
from gradcheck.diagnosis.edits import read_source
from gradcheck.diagnosis.fitting import factor_of_all
from gradcheck.diagnosis.sites import find_sites

# The mean over the channels of what is computed by a layer; four channels, and four more things by chance.
POOLED = """\
import numpy as np

DATA = np.random.RandomState(3).randn(5, 2, 3)


def lift(x, w):
    f = np.tanh(np.einsum("ncl,kc->nkl", x, w))
    return f, (x, f, 1.0, None)


def pool(f):
    return f.mean(axis=1)


def loss(w, v):
    f, _ = lift(DATA, w)
    return np.sum(np.sin(pool(f) @ v))


def grads(w, v):
    f, cache = lift(DATA, w)
    x, f, _, _ = cache
    dout = np.cos(pool(f) @ v)
    dpool = np.outer(dout, v)
    df = np.zeros_like(f)
    df += dpool[:, None, :]{divided}
    return {{"w": np.einsum("nkl,ncl->kc", df * (1 - f**2), x), "v": pool(f).T @ dout}}


def point(seed):
    r = np.random.RandomState(seed)
    return {{"w": r.randn(4, 2), "v": r.randn(3)}}
"""


@pytest.mark.parametrize("length", ["df.shape[1]", "f.shape[1]"])
def test_a_length_that_is_missing_is_named_and_right_with_another(tmp_path, length):
    path = tmp_path / "net.py"
    path.write_text(POOLED.format(divided=f" / {length}"))
    assert check_file(path)
    path.write_text(POOLED.format(divided=""))
    best = check_file(path).diagnosis.fixes[0]
    assert ".shape[1]" in best.edits[0].new
    assert not best.fails_with


def test_lengths_are_tried_beside_the_cheapest_spellings_of_a_number():
    text = "def grads(w):\n    df = w * 2.5\n    return df\n"
    tree = ast.parse(text)
    site = next(one for one in find_sites(tree, text) if one.target == "df")
    place = place_at(read_source(text), site.expr)
    scalars = [
        ("five", 5.0, 0.0),
        ("gain", 5.0, 0.1),
        ("f.shape[1]", 5.0, 0.4),
        ("rate", 5.0, 0.5),
        ("w.size", 5.0, 0.6),
    ]
    (fit,) = [factor_of_all(place, 0.2)]
    written = [swap.new for one in insertions(place, fit, scalars) for swap in one.swaps]
    assert [one.split(" / ")[-1] for one in written] == ["five", "gain", "f.shape[1]", "w.size"]
