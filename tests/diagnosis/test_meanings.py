"""Nets with sites of many numbers: their adjoints come from one sweep, the wrong line from those, and the fix."""

import textwrap

import numpy as np
import pytest
import torch

from gradcheck.checks.answers import answer
from gradcheck.checks.looks import Demands
from gradcheck.diagnosis.adjoints import adjoints_at
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.influence import influence_of

# 24 x 20 hidden numbers: more than are solved for by a run each, and more operations than are traced one by one.
NET = """
    X = np.random.default_rng(3).normal(size=(24, 16))
    Y = np.random.default_rng(4).integers(0, 6, 24)


    def point(seed):
        random = np.random.default_rng(seed)
        return {"W1": random.normal(size=(16, 20)) / 4, "b1": random.normal(size=20) / 4,
                "W2": random.normal(size=(20, 6)) / 4, "b2": random.normal(size=6) / 4}


    def forward(W1, b1, W2, b2):
        H = np.tanh(X @ W1 + b1)
        S = H @ W2 + b2
        return H, S


    def loss(W1, b1, W2, b2):
        H, S = forward(W1, b1, W2, b2)
        top = S.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(S - top).sum(axis=1)) + top[:, 0] - S[np.arange(24), Y])


    def grads(W1, b1, W2, b2):
        H, S = forward(W1, b1, W2, b2)
        P = np.exp(S - S.max(axis=1, keepdims=True))
        dS = P / P.sum(axis=1, keepdims=True)
        dS[np.arange(24), Y] -= 1
        dS = dS / 24
        dH = dS @ W2.T
        dZ = dH * (1 - H ** 2)
        return {"W1": X.T @ dZ, "b1": dZ.sum(axis=0), "W2": H.T @ dS, "b2": dS.sum(axis=0)}
"""
MISTAKES = {
    "another derivative": ("dH * (1 - H ** 2)", "dH * (1 - H) ** 2"),
    "another sign": ("dH * (1 - H ** 2)", "dH * (1 + H ** 2)"),
}


def true_adjoints(point):
    """Of H and S, by torch."""
    given = {name: torch.tensor(array, requires_grad=True) for name, array in point.items()}
    X = torch.tensor(np.random.default_rng(3).normal(size=(24, 16)))
    Y = torch.tensor(np.random.default_rng(4).integers(0, 6, 24))
    H = torch.tanh(X @ given["W1"] + given["b1"])
    S = H @ given["W2"] + given["b2"]
    H.retain_grad()
    S.retain_grad()
    torch.nn.functional.cross_entropy(S, Y).backward()
    return {"H": H.grad.numpy(), "S": S.grad.numpy()}


def test_the_adjoints_of_a_large_loss_are_those_of_torch(bench_of):
    bench = bench_of(NET)
    point = bench.original.at.arrays
    known = adjoints_at(bench, point, influence_of(bench, point).in_loss)
    assert known.program is None
    told = {role.site.target: role.adjoints[0] for role in known.roles}
    for name, right in true_adjoints(point).items():
        np.testing.assert_allclose(told[name], right, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("right", "wrong"), MISTAKES.values(), ids=MISTAKES)
def test_a_line_of_many_numbers_is_named_and_mended(bench_of, right, wrong):
    bench = bench_of(NET.replace(right, wrong))
    found = answer(bench.original, Demands()).diagnosis
    (line,) = [n for n, text in enumerate(bench.text.splitlines(), 1) if wrong in text]
    assert found.suspects[0].span.line == line
    assert is_right(apply_edits(bench.text, found.fixes[0].edits))


def is_right(text):
    """Are the gradients of a text those of the right net, at another point?"""
    mine, right = run(text), run("import numpy as np\n" + textwrap.dedent(NET))
    point = right["point"](77)
    told, true = mine["grads"](**point), right["grads"](**point)
    return all(np.allclose(told[name], true[name], rtol=1e-9, atol=1e-12) for name in true)


def run(text):
    """The names of a file."""
    space = {}
    exec(text, space)
    return space
