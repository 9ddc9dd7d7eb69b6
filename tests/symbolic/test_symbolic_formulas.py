"""SymPy expressions as formulas in the order in which people write them."""

import pytest
import sympy

from gradcheck.results.formulas import Call, Cases, Name, Negative, Num, Partial, Power, Product, Quotient, Sum
from gradcheck.symbolic.formulas import order_of, to_formula
from gradcheck.symbolic.partials import adjoint_symbol
from gradcheck.symbolic.systems import System, symbol

A, B, W2, W10, X, Y, OUT, Z = (symbol(name) for name in ("a", "b", "w2", "w10", "x", "y", "out", "z"))
a, b, w2, w10, x, y, out, z = (Name(name) for name in ("a", "b", "w2", "w10", "x", "y", "out", "z"))
one_minus_a = Sum((Num("1"), Negative(a)))


@pytest.mark.parametrize(
    ("expr", "formula"),
    [
        (Y - OUT, Sum((y, Negative(out)))),
        (A * (1 - A), Product((a, one_minus_a))),
        (-A * (A - 1), Product((a, one_minus_a))),
        (-2 * A * (1 - A), Negative(Product((Num("2"), a, one_minus_a)))),
        (B + W10 * X + W2 * Y, Sum((Product((w2, y)), Product((w10, x)), b))),
        ((Y - OUT) ** 2 / 2, Product((Num("1/2"), Power(Sum((y, Negative(out))), Num("2"))))),
        (1 / (1 + sympy.exp(-Z)), Quotient(Num("1"), Sum((Num("1"), Call("exp", (Negative(z),)))))),
        (3 * X / (2 * Y), Quotient(Product((Num("3"), x)), Product((Num("2"), y)))),
        (Z / sympy.sqrt(2), Quotient(z, Call("sqrt", (Num("2"),)))),
        (1 / sympy.sqrt(Z), Quotient(Num("1"), Call("sqrt", (z,)))),
        (sympy.Max(0, Z), Call("max", (Num("0"), z))),
        ((A - B) * Y, Product((y, Sum((a, Negative(b)))))),
        (sympy.Abs(Z), Call("abs", (z,))),
        (sympy.Piecewise((Z, Z > 0), (0, True)), Cases(((z, "z > 0"), (Num("0"), None)))),
        (sympy.Piecewise((Z, Z >= 0), (0, True)), Cases(((z, "z ≥ 0"), (Num("0"), None)))),
        (sympy.Rational(-1, 2), Negative(Num("1/2"))),
        (sympy.Rational(0.2), Num("0.2")),
        (sympy.Rational(0.2) * X, Product((Num("0.2"), x))),
        (sympy.Float(0.2), Num("0.2")),
        (sympy.Integer(0), Num("0")),
        (sympy.sqrt(sympy.pi) * X, Product((Call("sqrt", (Name("π"),)), x))),
        (adjoint_symbol("Loss", "out") * X, Product((x, Partial("Loss", "out")))),
    ],
)
def test_formula_reads_like_paper(expr, formula):
    assert to_formula(expr) == formula


def test_a_given_order_is_the_order_of_factors():
    assert to_formula(X * A * Z * (1 - A), ("z", "a")) == Product((z, a, one_minus_a, x))


def test_weights_stand_before_the_values_that_they_weigh():
    hidden, v = symbol("hidden"), symbol("v")
    system = System({"v": 0.5, "x": 2.0}, {"hidden": X**2, "a": v * hidden}, "a", ("v",))
    assert tuple(order_of(system)) == ("v", "hidden", "a", "x")
    assert to_formula(v * hidden * X, order_of(system)) == Product((Name("v"), Name("hidden"), x))


def test_a_formula_does_not_depend_on_how_its_expression_was_built():
    assert to_formula(OUT * (Y - OUT) + B) == to_formula(B + (-OUT + Y) * OUT)


def test_a_product_of_doubles_is_a_decimal_of_a_few_digits():
    tenth, third = sympy.Rational(0.1), sympy.Rational(0.3)
    assert to_formula(tenth * symbol("a"), {}) == Product((Num("0.1"), Name("a")))
    assert to_formula(tenth * third * symbol("a"), {}) == Product((Num("0.03"), Name("a")))
    assert to_formula(sympy.Rational(2, 7) * symbol("a"), {}) == Product((Num("2/7"), Name("a")))
