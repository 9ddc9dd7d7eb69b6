"""Reasons for changes, in the field's words; each sentence written down by hand."""

from pathlib import Path

import pytest

import gradcheck
from gradcheck.diagnosis.words import explain_change

SEED = (Path(gradcheck.__file__).parent / "examples" / "two_two_one.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("new", ["dneto_douth2", "w6"])
def test_the_link_that_the_path_asks_for(new):
    """The b1 fault of the source example, by its own name and by the value of that name."""
    wrong = "+ dLoss_dout*dout_dneto*dneto_douth1"
    assert explain_change(SEED, SEED.replace(wrong, f"+ dLoss_dout*dout_dneto*{new}")) == (
        "`dneto_douth1` is ∂neto/∂outh1 = w5: the path goes on through outh2 (`douth2_dneth2`), "
        "so ∂neto/∂outh2 = w6 belongs here"
    )


def test_a_definition_that_breaks_what_its_name_promises():
    wrong = SEED.replace("dneth2_dw3 = x1", "dneth2_dw3 = x2")
    assert explain_change(wrong, SEED) == "`dneth2_dw3` is ∂neth2/∂w3: `x1` belongs there, not `x2`"


def test_the_link_that_the_target_asks_for():
    right = "dLoss_dw4 = dLoss_dout*dout_dneto*dneto_douth2*douth2_dneth2*dneth2_dw4"
    wrong = SEED.replace(right, right.replace("dneth2_dw4", "dneth2_dw3"))
    assert explain_change(wrong, SEED) == (
        "`dneth2_dw3` is ∂neth2/∂w3 = x1: the path goes on to w4 (`dLoss_dw4`), so ∂neth2/∂w4 = x2 belongs here "
        "(`dneth2_dw4`, made on line 52, is read nowhere else)"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("dz = da*(1-a**2)", "dz = da*a*(1-a)", "the derivative of the sigmoid is a·(1 − a); 1 − a² is that of tanh"),
        ("dz = da*h*(1-h)", "dz = da*(1-h*h)", "the derivative of tanh is 1 − h²; h·(1 − h) is that of the sigmoid"),
        ("dz = da", "dz = da*h*(1-h)", "the derivative of the sigmoid, h·(1 − h), is missing"),
        ("d = da*x", "d = da*x*(z > 0)", "the derivative of relu, 1 where z > 0, else 0, is missing"),
        ("dW = dz*x*x", "dW = dz*x", "the factor `x` is too much"),
        ("dW = dz", "dW = dz*x*v", "the factors `x` and `v` are missing"),
        ("dW = x.T @ dz", "dW = x.T @ dz / N", "the division by `N`, for the mean, is missing"),
        ("d = p - y", "d = (p - y) / y.shape[0]", "the division by `y.shape[0]`, for the mean, is missing"),
        ("d = p / s", "d = p", "the division by `s` is too much"),
        ("db = dz", "db = dz.sum(axis=0)", "the sum of `dz` over axis 0 is missing"),
        ("db = np.sum(dz)", "db = dz", "the sum of `dz` is too much"),
        ("db = dz.sum(axis=1)", "db = dz.sum(axis=0)", "it runs along axis 0, not along axis 1"),
        ("db = dz.sum()", "db = dz.sum(axis=0)", "`axis=0` is missing in `dz.sum()`"),
        ("db = np.sum(dz, keepdims=True)", "db = np.sum(dz, keepdims=False)",
         "`keepdims=False` belongs where `keepdims=True` stands"),
        ("dx = dz @ W", "dx = dz @ W.T", "`W` must be transposed"),
        ("dx = dz @ W.T", "dx = dz @ W", "`W` must not be transposed"),
        ("d = f(e, k)", "d = f(e, k[::-1])", "`k` must be reversed"),
        ("d = f(hs[::-1])", "d = f(hs)", "`hs` must not be reversed"),
        ("d = f(k)", "d = f(k[:, ::-1])", "`k` must be reversed, as by `[:, ::-1]`"),
        ("d = g.reshape(-1, F)", "d = g.transpose(0, 2, 1).reshape(-1, F)",
         "the axes of `g` must be put in the order 0, 2, 1"),
        ("d = dz - y*k", "d = dz + y*k", "the sign of `y * k` is wrong"),
        ("d = -2*e*x", "d = 2*e*x", "the sign is wrong"),
        ("d = dz", "d = -dz", "the sign is wrong"),
        ("d = y - out", "d = out - y", "the operands of `y - out` are the wrong way round"),
        ("dh = dz @ W", "dh = dz @ W + carry", "the term `carry` is missing"),
        ("dh = a + b - c", "dh = a + b", "the term `c` is too much"),
        ("dW = g", "dW += g", "`dW` collects several parts: `=` overwrites what came before, `+=` adds to it"),
        ("dW += g", "dW = g", "`dW` starts anew here: `+=` keeps what is left from before"),
        ("dW -= g", "dW += g", "`+=` belongs where `-=` stands: the sign is wrong"),
        ("dW -= g", "dW *= g", "`*=` belongs where `-=` stands"),
        ("dz = da*(1-a)", "dz = da*(1-a**2)", "the derivative of tanh is 1 − a², not `1 - a`"),
        ("a = np.tanh(z)\ndz = da*(1-a)", "a = np.tanh(z)\ndz = da*(1-a*a)",
         "the derivative of tanh is 1 − a², not `1 - a`"),
        ("a = z @ W\ndz = da*(1-a)", "a = z @ W\ndz = da*(1-a**2)", "`a` must be squared"),
        ("dz = da*(1-a**2)", "dz = da*(1-h**2)", "`h` belongs where `a` stands"),
        ("dz = da*(1-a)", "dz = da*((1-a**2) / len(a))",
         "the derivative of tanh is 1 − a², not `1 - a`; the division by `len(a)`, for the mean, is missing"),
        ("db = g.mean(axis=0)", "db = g.sum(axis=0)", "a sum belongs here: the mean divides by the length of axis 0"),
        ("m = np.sum(d * h, axis=1) / r", "m = np.mean(d * h, axis=1) / r",
         "a mean belongs here: the sum is not divided by the length of axis 1"),
        ("db = g.sum()", "db = g.mean()", "a mean belongs here: the sum is not divided by the number of entries"),
        ("d = g / len(T)", "d = g / T.size",
         "`T.size`, that of all entries of T, belongs where `len(T)`, the number of T's rows, stands"),
        ("d = g / x.shape[0]", "d = g / x.shape[1]",
         "`x.shape[1]`, the length of x's axis 1, belongs where `x.shape[0]`, the length of x's axis 0, stands"),
        ("d = a / ell**2", "d = a / ell**3", "the exponent is 3, not 2"),
        ("back = 1\nd = g", "back = 1\nd = g + back",
         "the term `back` is missing (`back`, made on line 1, is read nowhere else)"),
        ("dW = 2*g", "dW = 3*g", "the number is 3, not 2"),
        ("d = g[t]", "d = g[t - 1]", "`g[t - 1]` belongs where `g[t]` stands"),
        ("m = z < 0", "m = z > 0", "the gate is open where `z > 0`, not where `z < 0`"),
        ("d = np.sin(z)*e", "d = np.cos(z)*e", "`cos` belongs where `sin` stands"),
        ("d = {'a': p, 'b': q}", "d = {'a': q, 'b': p}", "`p` and `q` are exchanged"),
        ("a = 1", "a = 1\nd[z < 0] = 0", "the statement `d[z < 0] = 0` is missing"),
        ("a = 1\nb = 2\nc = 3", "a = 1\nc = 3", "the statement `b = 2` is too much"),
        ("for t in T:\n    d = u", "for t in T:\n    d = v", "`v` belongs where `u` stands"),
        ("a = p * q", "a = p / q", "`p / q` belongs where `p * q` stands"),
        ("a[i, j] += d", "a[j, i] += d", "the indices of `a[i, j]` are the wrong way round"),
        ("d = e * z", "d = e * (z > 0)", "`z` itself is no gate: `z > 0` is"),
        ("d = a / n", "d = a / n**2", "`n` must be squared"),
        ("d = a / n**3", "d = a / n", "`n` must not be cubed"),
        ("dE[w] += d", "np.add.at(dE, w, d)",
         "`dE[w] += d` adds only once where an index repeats, `np.add.at` every time"),
        ("a = 1\nb = 2\nc = 3", "b = 2\na = 1\nc = 3", "the statement `b = 2` comes too late"),
        ("for t in T:\n    a = t\n    b = 0", "for t in T:\n    b = 0\n    a = t",
         "the statement `b = 0` comes too late"),
        ("a = 1", "a = 1", ""),
        ("a = (", "a = 1", ""),
    ],
)  # fmt: skip
def test_changes_in_words(old, new, words):
    assert explain_change(old, new) == words


def test_several_changes_are_told_one_after_the_other():
    old, new = "a = p\nb = q\nc = 1", "a = -p\nb = q.T\nc = 1"
    assert explain_change(old, new) == "the sign is wrong; `q` must be transposed"


FORWARD = "o1 = f(w5 * h1 + w6 * h2)\no2 = f(w7 * h1 + w8 * h2)\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("d2 = e1 * w7 + e2 * w8", "d2 = e1 * w6 + e2 * w8",
         "`w6` belongs where `w7` stands: `w6` is what h2 is multiplied by in o1; "
         "`w7` is what h1 is multiplied by in o2"),
        ("d2 = e1 * w5 + e2 * w8", "d2 = e1 * w6 + e2 * w8",
         "`w6` belongs where `w5` stands: `w6` is what h2 is multiplied by in o1; `w5` is what h1 is multiplied by"),
        ("g = d * h1", "g = d * h2", "`h2` belongs where `h1` stands"),
    ],
)  # fmt: skip
def test_what_a_name_weighs_in_the_forward_statements(old, new, words):
    assert explain_change(FORWARD + old, FORWARD + new, forward=(1, 2)) == words
    assert explain_change(FORWARD + old, FORWARD + new) == words.partition(":")[0]


def test_matrices_weigh_too_however_they_are_multiplied():
    text = "z = x @ W1\no = h.dot(W2.T)\ndh = d @ W1"
    assert explain_change(text, text.replace("d @ W1", "d @ W2"), forward=(1, 2)) == (
        "`W2` belongs where `W1` stands: `W2` is what h is multiplied by in o; `W1` is what x is multiplied by in z"
    )
