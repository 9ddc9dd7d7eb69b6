"""Sites: every expression of a function is one, or lies in a statement that has one."""

import ast
import textwrap

import pytest

from gradcheck.diagnosis.sites import find_sites


def sites_of(text: str):
    text = textwrap.dedent(text)
    return find_sites(ast.parse(text), text)


def told(text: str):
    return [(site.kind, ast.unparse(site.expr), site.target) for site in sites_of(text)]


def test_right_hand_sides_returns_and_parts_of_tuples_and_dicts():
    assert told("""
        X = load()
        def f(x):
            a, b = x * 2, x + 1
            a += b
            g = {"W": a, "b": b}
            h = dict(W=a)
            return a, [b, g]
    """) == [
        ("assign", "x * 2", "a"), ("assign", "x + 1", "b"), ("augment", "b", "a"), ("assign", "a", "'W'"),
        ("assign", "b", "'b'"), ("assign", "a", "W"), ("return", "a", None), ("return", "b", None),
        ("return", "g", None),
    ]  # fmt: skip


def test_indices_heads_arguments_and_lambdas():
    assert told("""
        act = lambda z: z > 0
        def f(x, d):
            for t in reversed(range(3)):
                d[t, :] = x
            if d.any() > 0:
                np.add.at(d, [1], x)
            while t: pass
            with np.errstate(all="ignore"):
                yield d
    """) == [
        ("lambda", "z > 0", None), ("head", "reversed(range(3))", "t"), ("assign", "x", "d[t, :]"),
        ("index", "(t, :)", "d[t, :]"), ("head", "d.any() > 0", None), ("argument", "d", None),
        ("argument", "[1]", None), ("argument", "x", None), ("head", "t", None),
        ("head", "np.errstate(all='ignore')", None), ("return", "d", None),
    ]  # fmt: skip


def test_methods_nested_functions_and_classes_have_their_names():
    found = sites_of("""
        class Net:
            size = 3
            def back(self, d):
                def inner(z):
                    return z
                self.dW = inner(d)
    """)
    assert [site.function for site in found] == ["Net.back.inner", "Net.back"]
    assert found[1].target == "self.dW"


def test_spans_count_characters_and_a_head_ends_before_its_body():
    (head, value) = sites_of('def f(x):\n    for é in "aß", [x]: ä = (x +\n        é)\n')[:2]
    assert (head.span.column, head.span.end_column) == (14, 23)
    assert head.text == 'for é in "aß", [x]:'
    assert (value.span.line, value.span.end_line) == (2, 3)
    assert (value.text, value.statement_span.column) == ("ä = (x +\n        é)", 25)


EVERYTHING = """
def f(x, y=2, *rest, **more):
    '''Words.'''
    a: float = x
    global c
    if (n := len(x)) > 1: a += n
    elif a: a -= 1
    else: raise ValueError(a)
    while a > 0: a -= [z * x for z in rest if z][0]
    for i, (j, k) in enumerate(x): x[i]["W"] += j
    else: del x[a]
    try: assert a, x
    except ValueError as error: print(error, sep="")
    finally: pass
    with open(x) as file, y: a = file
    match a:
        case [1, b] if b > 2: b = -b
        case _: return {**more, "W": a}
    g = sum(map(lambda v: v + a, x))
    np.add.at(g, *rest)
    return a if a > 0 else (yield a)
"""


def uncovered(text: str):
    """Expressions of statements in functions that neither are in a site nor in a statement that has one."""
    tree = ast.parse(text)
    with_sites = {id(site.statement) for site in find_sites(tree, text)}
    missing = []

    def walk(node, statement):
        for child in ast.iter_child_nodes(node):
            inner = child if isinstance(child, ast.stmt) else statement
            is_words = isinstance(node, ast.ExceptHandler) or (
                isinstance(node, ast.Expr) and isinstance(child, ast.Constant)
            )
            if isinstance(child, ast.expr) and not is_words and id(inner) not in with_sites:
                missing.append(ast.unparse(child))
            walk(child, inner)

    for function in tree.body:
        walk(ast.Module(function.body, []), function)
    return missing


def test_no_expression_of_a_function_is_out_of_reach():
    assert uncovered(EVERYTHING) == []


@pytest.mark.parametrize("body", ["a = b", "a[1] = 2", "foo(*b)", "a.append(1)", "assert a"])
def test_every_single_statement_is_reached(body):
    assert uncovered(f"def f(a, b):\n    {body}\n") == []
