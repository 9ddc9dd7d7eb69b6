"""Formulas as MathML and LaTeX: the same value, the same order, marks where they belong."""

import importlib.util
import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from gradcheck.report.formulas.latex import to_latex
from gradcheck.report.formulas.mathml import mathml_name, to_mathml
from gradcheck.report.formulas.names import NameParts, split_name
from gradcheck.results.formulas import Call, Cases, Marked, Name, Negative, Num, Partial, Power, Product, Quotient, Sum


@pytest.fixture(scope="module")
def text_tests():
    """The random trees and their values, from the tests of the text."""
    spec = importlib.util.spec_from_file_location("formula_trees", Path(__file__).with_name("test_formula_text.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SIGNS = {"−": "-", "·": "*", "\u2061": ""}


def read(element):
    """What a reader sees in MathML, as a Python expression."""
    children = [read(child) for child in element]
    if element.tag == "mfrac":
        return f"(({children[0]})/({children[1]}))"
    if element.tag == "msup":
        return f"({children[0]})**({children[1]})"
    if element.tag == "msub":
        return "".join(children)
    text = (element.text or "").strip()
    return SIGNS.get(text, text) + "".join(children)


def test_a_reader_of_the_mathml_gets_the_value_of_the_tree(text_tests):
    for tree in text_tests.trees(1000):
        seen = read(ElementTree.fromstring(to_mathml(tree)))
        number = eval(seen, {"tanh": math.tanh}, text_tests.VALUES)
        assert number == pytest.approx(text_tests.value_of(tree), rel=1e-9), seen


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("w5", NameParts("w", "5")),
        ("outh2", NameParts("outh", "2")),
        ("W1[0,1]", NameParts("W", "1", "0,1")),
        ("W[0,1]", NameParts("W", "", "0,1")),
        ("b_2", NameParts("b", "2")),
        ("neth1_3", NameParts("neth", "1,3")),
        ("hidden_size", NameParts("hidden_size")),
        ("x", NameParts("x")),
        ("h2o", NameParts("h2o")),
        ("params.w1", NameParts("params.w", "1")),
    ],
)
def test_trailing_digits_become_an_index(name, parts):
    assert split_name(name) == parts


def test_names_are_one_identifier_with_their_index_below():
    assert mathml_name("outh2") == "<msub><mi>outh</mi><mn>2</mn></msub>"
    bracket = '<mo stretchy="false" lspace="0" rspace="0">'
    assert mathml_name("W1[0,1]") == f"<msub><mi>W</mi><mn>1</mn></msub>{bracket}[</mo><mn>0,1</mn>{bracket}]</mo>"


def test_a_name_cannot_break_out_of_the_markup():
    assert "<b>" not in to_mathml(Name("<b>x"))
    ElementTree.fromstring(to_mathml(Sum((Name('"<&'), Name("b")))))


def test_brackets_belong_to_the_marked_part():
    difference = Sum((Name("w5"), Negative(Name("w6"))))
    marked = ElementTree.fromstring(to_mathml(Product((Name("a"), Marked(difference, "wrong"))))).find(".//*[@class]")
    assert marked.get("class") == "gc-hot"
    assert read(marked) == "(w5-w6)"


def test_brackets_do_not_stretch():
    markup = to_mathml(Product((Name("a"), Sum((Quotient(Name("b"), Name("c")), Num("1"))))))
    assert re.findall(r"<mo[^>]*>\(", markup) == ['<mo stretchy="false">(']


def test_cases_and_functions_are_well_formed():
    for tree in (
        Cases(((Name("a"), "a > 0"), (Num("0"), None))),
        Call("exp", (Name("z"),)),
        Call("sqrt", (Name("z"),)),
    ):
        ElementTree.fromstring(to_mathml(tree))


@pytest.mark.parametrize(
    ("tree", "latex"),
    [
        (Sum((Name("y"), Negative(Name("w5")))), "y - w_{5}"),
        (Product((Sum((Name("a"), Name("b"))), Name("outh2"))), r"\left(a + b\right) \cdot \mathrm{outh}_{2}"),
        (
            Quotient(Num("1"), Sum((Num("1"), Call("exp", (Negative(Name("z")),))))),
            r"\frac{1}{1 + \exp\left(-z\right)}",
        ),
        (Partial("Loss", "b1"), r"\frac{\partial \mathrm{Loss}}{\partial b_{1}}"),
        (Power(Sum((Name("a"), Name("b"))), Num("2")), r"\left(a + b\right)^{2}"),
        (Power(Quotient(Name("a"), Name("b")), Num("2")), r"\left(\frac{a}{b}\right)^{2}"),
        (Call("my_f", (Name("z"),)), r"\operatorname{my\_f}\left(z\right)"),
        (Num("1/2"), r"\frac{1}{2}"),
    ],
)
def test_latex_reads_as_expected(tree, latex):
    assert to_latex(tree) == latex
