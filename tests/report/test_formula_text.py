"""Formulas as text: what Python reads in them is what the tree says."""

import math
import random

import pytest

from gradcheck.report.formulas.text import to_ascii, to_pretty
from gradcheck.results.formulas import (
    Call,
    Cases,
    Marked,
    Name,
    Negative,
    Num,
    Partial,
    Power,
    Product,
    Quotient,
    Sum,
)

VALUES = {"a": 1.3, "b": 0.7, "w5": -0.4, "outh2": 2.1}
A, B, W, H = (Name(name) for name in VALUES)


def value_of(tree):
    """The number of a tree, straight from its meaning."""
    match tree:
        case Num(text):
            above, _, below = text.partition("/")
            return float(above) / float(below or 1)
        case Name(text):
            return VALUES[text]
        case Negative(inner):
            return -value_of(inner)
        case Marked(inner, _):
            return value_of(inner)
        case Sum(terms):
            return sum(map(value_of, terms))
        case Product(factors):
            return math.prod(map(value_of, factors))
        case Quotient(above, below):
            return value_of(above) / value_of(below)
        case Power(base, exponent):
            return value_of(base) ** value_of(exponent)
        case Call(_, (argument,)):
            return math.tanh(value_of(argument))


LEAVES = ["name", "num"]
BRANCHES = ["sum", "product", "negative", "quotient", "power", "call", "marked", "name"]


def draw_tree(rng, depth):
    """A random tree whose values stay real and finite."""
    kinds = (
        ["name", "num"] if depth == 0 else ["sum", "product", "negative", "quotient", "power", "call", "marked", "name"]
    )
    kind = rng.choice(kinds)
    if kind == "name":
        return Name(rng.choice(list(VALUES)))
    if kind == "num":
        return Num(rng.choice(["2", "-3", "1/2", "-1/4", "0.02"]))
    if kind in ("sum", "product"):
        parts = tuple(draw_tree(rng, depth - 1) for _ in range(rng.randint(1, 3)))
        return Sum(parts) if kind == "sum" else Product(parts)
    if kind == "quotient":
        return Quotient(draw_tree(rng, depth - 1), draw_tree(rng, depth - 1))
    if kind == "power":
        return Power(draw_tree(rng, depth - 1), rng.choice([Num("2"), Num("-2"), Num("3")]))
    inner = draw_tree(rng, depth - 1)
    return {"negative": Negative(inner), "marked": Marked(inner, "wrong"), "call": Call("tanh", (inner,))}[kind]


def trees(count):
    """Random trees with a finite value that is not 0."""
    rng, found = random.Random(0), []
    while len(found) < count:
        tree = draw_tree(rng, rng.randint(1, 4))
        try:
            number = value_of(tree)
        except (ZeroDivisionError, OverflowError):
            continue
        if math.isfinite(number) and 1e-6 < abs(number) < 1e6:
            found.append(tree)
    return found


def test_python_reads_the_value_of_the_tree():
    for tree in trees(2000):
        read = eval(to_ascii(tree), {"tanh": math.tanh}, VALUES)
        assert read == pytest.approx(value_of(tree), rel=1e-9), to_ascii(tree)


def test_pretty_text_has_the_same_brackets():
    for tree in trees(500):
        pretty = to_pretty(tree).replace("−", "-").replace("·", "*").replace("^", "**")
        assert pretty == to_ascii(tree)


def test_the_source_discrepancy_reads_as_in_the_issue(made):
    formula = made.discrepancy().formula
    assert to_ascii(formula) == "(out - y)*(w5 - w6)*outh2*(1 - outh2)"
    assert to_pretty(formula) == "(out − y)·(w5 − w6)·outh2·(1 − outh2)"


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Sum((A, Negative(Sum((B, W))))), "a - (b + w5)"),
        (Sum((Negative(A), Negative(B))), "-a - b"),
        (Product((Num("-1"), A)), "-1*a"),
        (Sum((A, Product((Num("-2"), B)))), "a - 2*b"),
        (Product((A, Quotient(B, W))), "a*(b/w5)"),
        (Quotient(A, Product((B, W))), "a/(b*w5)"),
        (Power(Negative(A), Num("2")), "(-a)**2"),
        (Negative(Power(A, Num("2"))), "-a**2"),
        (Power(A, Num("1/2")), "a**(1/2)"),
        (Product((A, Negative(B))), "a*(-b)"),
        (Product((Product((A, B)), W)), "a*b*w5"),
        (Sum(()), "0"),
        (Product(()), "1"),
        (Partial("out", "w5"), "dout/dw5"),
        (Product((Partial("out", "w5"), Partial("w5", "a"))), "dout/dw5*(dw5/da)"),
        (Call("max", (A, B)), "max(a, b)"),
        (Negative(Negative(A)), "a"),
        (Name("W1[0,1]"), "W1[0,1]"),
    ],
)
def test_brackets_stand_where_they_are_needed(tree, text):
    assert to_ascii(tree) == text


def test_cases_are_a_conditional_that_python_reads():
    tree = Sum((Cases(((A, "a > 2"), (Negative(B), "a > 1"), (W, None))), H))
    assert to_ascii(tree) == "(a if a > 2 else -b if a > 1 else w5) + outh2"
    assert eval(to_ascii(tree), {}, VALUES) == -0.7 + 2.1
