"""What a planted fault in a hand-written gradient differs by; expected formulas are worked out on paper."""

from pathlib import Path

import pytest
import sympy

from gradcheck.program.tracing import trace
from gradcheck.results.formulas import Marked, Name, Negative, Num, Power, Product, Quotient, Sum
from gradcheck.subject.targets import case_of_file
from gradcheck.symbolic.discrepancies import find_discrepancy

FORWARD = """
    neth1 = w1*x1 + w2*x2 + b1
    neth2 = w3*x1 + w4*x2 + b1
    outh1 = 1/(1 + math.exp(-neth1))
    outh2 = 1/(1 + math.exp(-neth2))
    neto = w5*outh1 + w6*outh2 + b2
    out = neto
"""
NAMES = "w1, w2, w3, w4, w5, w6, b1, b2"
HEAD = f"""
import math
x1, x2, y = 0.02, 0.03, 7

def loss({NAMES}):{FORWARD}
    Loss = 1/2*(y - out)**2
    return Loss
"""
LINKS = f"""
def grads({NAMES}):{FORWARD}
    dLoss_dout = -(y - out)
    dneto_douth1, dneto_douth2 = w5, w6
    douth1_dneth1 = outh1*(1 - outh1)
    douth2_dneth2 = outh2*(1 - outh2)
"""
POINT = {"w1": 0.31, "w2": -0.42, "w3": 0.27, "w4": 0.55, "w5": 0.71, "w6": -0.36, "b1": 0.18, "b2": -0.64}
FIRST = "dLoss_dout*dneto_douth1*douth1_dneth1"


def find(statement, label, point=POINT):
    source = f"{HEAD}{LINKS}    return {{'{label}': {statement}}}\n"
    return find_discrepancy(trace(source, "net.py", "loss", "grads", point), label)


def text(formula):
    """A formula as Python text, to be read by SymPy and by people."""
    match formula:
        case Num(words) | Name(words):
            return words
        case Product(factors):
            return "*".join(f"({text(one)})" if isinstance(one, Sum) else text(one) for one in factors)
        case Sum(terms):
            return " + ".join(map(text, terms)).replace("+ -", "- ")
        case Negative(inner):
            return f"-{text(inner)}" if not isinstance(inner, Sum) else f"-({text(inner)})"
        case Quotient(above, below):
            return f"({text(above)})/({text(below)})"
        case Power(base, exponent):
            return f"({text(base)})**{text(exponent)}"
        case Marked(inner, kind):
            return f"{kind}[{text(inner)}]"
    raise AssertionError(formula)


def test_the_source_examples_fault_comes_out_factored():
    found = find(f"{FIRST} + dLoss_dout*dneto_douth1*douth2_dneth2", "b1")
    assert found.label == "b1"
    assert text(found.formula) == "(out - y)*(w5 - w6)*outh2*(1 - outh2)"
    assert found.vanishes == ("w5 = w6",)
    assert text(found.yours) == "(out - y)*w5*outh1*(1 - outh1) + (out - y)*wrong[w5]*outh2*(1 - outh2)"
    assert text(found.true) == "(out - y)*w5*outh1*(1 - outh1) + (out - y)*right[w6]*outh2*(1 - outh2)"
    assert found.words == (
        "b1 reaches Loss by two paths: b1 -> neth1 -> outh1 -> neto -> out -> Loss is right; "
        "in the term for b1 -> neth2 -> outh2 -> neto -> out -> Loss the link ∂neto/∂outh2 = w6 is missing "
        "and the link ∂neto/∂outh1 = w5 stands in its place: w5 is used twice, w6 never."
    )
    assert found.used_twice == (("outh1", "neto"),)
    assert found.never_used == (("outh2", "neto"),)


def test_it_comes_out_at_a_point_that_hides_it():
    blind = {**dict.fromkeys(POINT, 0.2), "b1": 0.5, "b2": 0.5}
    found = find(f"{FIRST} + dLoss_dout*dneto_douth1*douth2_dneth2", "b1", blind)
    assert text(found.formula) == "(out - y)*(w5 - w6)*outh2*(1 - outh2)"


RIGHT = {
    "b1": f"{FIRST} + dLoss_dout*dneto_douth2*douth2_dneth2",
    "w1": f"{FIRST}*x1",
    "w4": "x2*(out - y)*w6*math.exp(-neth2)/(1 + math.exp(-neth2))**2",
    "w3": "(neto - y)*w6*(outh2 - outh2**2)*x1",
    "b2": "dLoss_dout",
    "w5": "(out*outh1 - y*outh1)",
}


@pytest.mark.parametrize("label", RIGHT)
def test_a_right_partial_in_any_form_has_none(label):
    assert find(RIGHT[label], label) is None


FAULTS = {
    # statement, label, yours - true, where it vanishes, words
    "missing path": (
        FIRST,
        "b1",
        "-(out - y)*w6*outh2*(1 - outh2)",
        ("w6 = 0",),
        "the path b1 -> neth2 -> outh2 -> neto -> out -> Loss is missing",
    ),
    "sign": ("-dLoss_dout", "b2", "-2*(out - y)", (), "the sign is wrong"),
    "factor": ("2*dLoss_dout*outh1", "w5", "(out - y)*outh1", (), "the number in front is 2 times the right one"),
    "missing link": (
        "dLoss_dout*w5*x1",
        "w1",
        "(out - y)*w5*(1 - outh1*(1 - outh1))*x1",
        ("w5 = 0",),
        "the link ∂outh1/∂neth1 = outh1·(1 − outh1) is missing",
    ),
    "wrong data": (
        f"{FIRST}*x2",
        "w1",
        "(out - y)*w5*outh1*(1 - outh1)*(x2 - x1)",
        ("w5 = 0",),
        "the link ∂neth1/∂w2 = x2 stands in its place",
    ),
    "wrong unit": (
        "dLoss_dout*outh2",
        "w5",
        "(out - y)*(outh2 - outh1)",
        ("outh1 = outh2",),
        "the link ∂neto/∂w6 = outh2 stands in its place",
    ),
    "half a link": (
        "dLoss_dout*w5*(1 - outh1)*x1",
        "w1",
        "(out - y)*w5*(1 - outh1)**2*x1",
        ("w5 = 0",),
        "the factor outh1 of ∂outh1/∂neth1 is missing",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_told_exactly(fault):
    statement, label, difference, vanishes, words = FAULTS[fault]
    found = find(statement, label)
    names = {one.name: one for one in sympy.sympify(difference).free_symbols}
    assert sympy.expand(sympy.sympify(text(found.formula), locals=names) - sympy.sympify(difference, locals=names)) == 0
    assert found.vanishes == vanishes
    assert words in found.words


def test_softmax_that_sums_to_one_is_no_discrepancy():
    source = """
import numpy as np
t = np.array([0.0, 1.0])
def loss(z):
    e = np.exp(z - np.max(z))
    p = e/np.sum(e)
    return -np.sum(t*np.log(p))
def grads(z):
    e = np.exp(z - np.max(z))
    p = e/np.sum(e)
    return {"z": p - FACTOR*t}
"""
    point = {"z": [0.3, -0.8]}
    right = trace(source.replace("FACTOR", "1"), "softmax.py", "loss", "grads", point)
    wrong = trace(source.replace("FACTOR", "2"), "softmax.py", "loss", "grads", point)
    assert find_discrepancy(right, "z[1]") is None
    assert find_discrepancy(wrong, "z[1]") is not None


def test_a_vectorised_fault_comes_out_for_one_entry():
    source = """
import numpy as np
X = np.array([[0.5, -1.0], [1.2, 0.1]])
Y = np.array([[1.0], [-0.5]])
def loss(W1, W2):
    H = np.tanh(X @ W1)
    O = H @ W2
    return 0.5*np.sum((O - Y)**2)
def grads(W1, W2):
    H = np.tanh(X @ W1)
    O = H @ W2
    dO = O - Y
    dZ = dO @ W2.T * (1 - H**2)
    return {"W1": X.T @ (dO @ W2.T), "W2": H.T @ dO}
"""
    point = {"W1": [[0.3, -0.2], [0.7, 0.4]], "W2": [[0.9], [-0.6]]}
    program = trace(source, "mlp.py", "loss", "grads", point)
    assert find_discrepancy(program, "W2[0,0]") is None
    found = find_discrepancy(program, "W1[0,0]")
    assert found.vanishes == ("W2[0,0] = 0",)
    assert "the factor 1 − H[0,0]² of ∂H[0,0]/∂W1[0,0] is missing, and likewise in 1 more" in found.words


@pytest.mark.parametrize("limit", ["routes.MOST_PATHS", "handwritten.MOST_TERMS", "handwritten.MOST_OPERATIONS"])
def test_above_the_budget_there_is_none(limit, monkeypatch):
    monkeypatch.setattr(f"gradcheck.symbolic.{limit}", 1)
    assert find(f"{FIRST} + dLoss_dout*dneto_douth1*douth2_dneth2", "b1") is None


def test_data_that_only_the_gradient_reads_are_named():
    source = "rate = 0.25\ndef loss(w):\n    return w*w\ndef grads(w):\n    return {'w': 2*w*rate}\n"
    found = find_discrepancy(trace(source, "rate.py", "loss", "grads", {"w": 0.7}), "w")
    assert text(found.formula) in ("-2*w*(1 - rate)", "-2*(1 - rate)*w")
    assert "the factor rate is too much" in found.words


def test_a_rounded_literal_is_no_discrepancy():
    source = "def loss(w):\n    return w*w/3\ndef grads(w):\n    return {'w': 0.6666666666666666*w}\n"
    assert find_discrepancy(trace(source, "third.py", "loss", "grads", {"w": 0.7}), "w") is None


def test_no_gradient_no_discrepancy():
    program = trace(HEAD, "net.py", "loss", None, POINT)
    assert find_discrepancy(program, "b1") is None


def test_paths_that_explain_more_than_the_discrepancy_are_not_told():
    """2 λ W for λ W beside a softmax that is written p - y: nobody forgot one of its paths."""
    case = case_of_file(Path(__file__).parents[1] / "corpus" / "softmax_c.py")
    program = trace(case.origin.text, "softmax_c.py", "loss", "grads", case.at.arrays)
    found = find_discrepancy(program, "W[0,2]")
    assert text(found.formula) == "W[0,2]*REG"
    assert found.words is None


def test_a_root_that_has_a_name_is_no_fault_beside_another():
    """dr_dx = x/r where the loss says r = sqrt(x**2 + y**2): only the sign of the second term is wrong."""
    source = """
import math
def loss(x, y):
    r = math.sqrt(x*x + y*y)
    p = x*y
    return r + p
def grads(x, y):
    r = math.sqrt(x*x + y*y)
    return {"x": x/r - y, "y": y/r + x}
"""
    program = trace(source, "root.py", "loss", "grads", {"x": 0.7, "y": -1.3})
    found = find_discrepancy(program, "x")
    assert text(found.formula) == "-2*y"
    assert "x -> r -> " in found.words
    assert "the factor" not in found.words
    assert find_discrepancy(program, "y") is None
