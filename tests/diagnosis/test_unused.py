"""Values that a backward pass computes and never uses."""

import ast
import textwrap
from pathlib import Path

import pytest

import gradcheck
from gradcheck.diagnosis.remarks import remarks_on
from gradcheck.diagnosis.unused import unused_in


def unused(text):
    return [(one.name, one.kind, one.line, one.by) for one in unused_in(ast.parse(textwrap.dedent(text)).body[0])]


def test_a_path_that_was_forgotten():
    text = """\
        def backward(dout, cache):
            xc, std, spare = cache
            dvar = (dout * xc).sum()
            dx = dout / std
            return dx
    """
    assert unused(text) == [("dvar", "unread", 3, None)]


def test_what_is_added_up_and_forgotten():
    assert unused("def f(a):\n    d = zeros(3)\n    d += a\n    return a") == [("d", "unread", 3, None)]


def test_an_assignment_that_should_have_added_up():
    text = """\
        def grads(W):
            dW = W.T @ W
            db = 1
            dW = W
            return dW, db
    """
    assert unused(text) == [("dW", "overwritten", 2, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    b = a\n    b += 1\n    return b",
        "def f(a):\n    b = a\n    b = b + 1\n    return b",
        "def f(a):\n    g = {}\n    g['a'] = a\n    g = g\n    return g",
        "def f(a):\n    if a:\n        b = 1\n    else:\n        b = 2\n    return b",
        "def f(a):\n    b = 0\n    for i in range(3):\n        b = a\n    return b",
        "def f(a):\n    _, b = a\n    _x = 3\n    return b",
        "def f(a):\n    global seen\n    seen = a\n    return a",
        "def f(a):\n    b = a\n    return locals()",
        "def f(a):\n    b = a\n    def inner():\n        return b\n    return inner",
        "def f(a):\n    for i in range(3):\n        pass\n    return a",
        "def f(a):\n    row = a[0]\n    row += 1\n    return a",
        "def f(a):\n    row = a.reshape(-1)\n    row += 1\n    return a",
    ],
)
def test_what_is_read_is_used(text):
    assert unused(text) == []


def test_the_words_say_where():
    first, second = unused_in(ast.parse("def f(a):\n    b = a\n    c = a\n    c = 1\n    return c").body[0])
    assert first.words == "`b` (line 2) is computed and never used"
    assert second.words == "`c` (line 3) is overwritten on line 4 before it is used"


def test_nothing_is_unused_in_the_source_example():
    text = (Path(gradcheck.__file__).parent / "examples" / "two_two_one.py").read_text(encoding="utf-8")
    functions = [one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef)]
    assert [unused_in(one) for one in functions] == [(), ()]


def test_a_remark_on_a_line_that_the_fix_changes_is_not_made():
    tree = ast.parse("def f(a):\n    b = a\n    c = a\n    c = 1\n    return c")
    assert remarks_on(tree, ["f"], None, []) == (
        "`b` (line 2) is computed and never used",
        "`c` (line 3) is overwritten on line 4 before it is used",
    )
    assert remarks_on(tree, ["f"], None, [4]) == ("`b` (line 2) is computed and never used",)
