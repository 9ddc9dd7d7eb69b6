"""One-line functions written out."""

import ast

import pytest

from gradcheck.diagnosis.inlining import inlined

FILE = """
def slope(w, k):
    return w @ k / 2

def half(z):
    'Half of it.'
    return z / 2

def long(z):
    z = z + 1
    return z
"""


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("a - r * slope(b, c + 1)", "a - r * (b @ (c + 1) / 2)"),
        ("half(half(a))", "a / 2 / 2"),
        ("long(a)", "long(a)"),
        ("half(z=a)", "half(z=a)"),
        ("slope(a)", "slope(a)"),
        ("np.half(a)", "np.half(a)"),
    ],
)
def test_what_a_call_becomes(text, then):
    assert ast.unparse(inlined(ast.parse(text, mode="eval").body, ast.parse(FILE))) == then
