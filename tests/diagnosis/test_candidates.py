"""Each family offers what a person would have meant; every candidate is Python."""

import ast

import numpy as np
import pytest

from gradcheck.diagnosis.candidates.axes import change_axes
from gradcheck.diagnosis.candidates.branches import change_branches
from gradcheck.diagnosis.candidates.calls import change_calls, functions_in
from gradcheck.diagnosis.candidates.comparisons import change_comparisons, negations
from gradcheck.diagnosis.candidates.conditions import ask_more, compare_anew
from gradcheck.diagnosis.candidates.constants import change_constants
from gradcheck.diagnosis.candidates.counterparts import counterparts
from gradcheck.diagnosis.candidates.indices import (
    change_indices,
    change_target,
    factored_indices,
    other_brackets,
    other_indices,
    shift_throughout,
)
from gradcheck.diagnosis.candidates.insertions import made_instead
from gradcheck.diagnosis.candidates.names import change_throughout
from gradcheck.diagnosis.candidates.operators import change_operators
from gradcheck.diagnosis.candidates.order import change_order
from gradcheck.diagnosis.candidates.places import place_at
from gradcheck.diagnosis.candidates.sizes import name_numbers, one_off
from gradcheck.diagnosis.candidates.statements import change_statement, mirror
from gradcheck.diagnosis.candidates.unpacking import packed_in, unpack_otherwise
from gradcheck.diagnosis.edits import apply_swaps, read_source
from gradcheck.diagnosis.expressions import expressions_in
from gradcheck.diagnosis.factors import factor_texts
from gradcheck.diagnosis.pools import Named


def offered(family, expression):
    text = f"d = {expression}\n"
    source = read_source(text)
    place = place_at(source, ast.parse(text).body[0].value)
    return {apply_swaps(text, one.swaps)[4:-1] for one in family(place)}


@pytest.mark.parametrize(
    ("family", "wrong", "right"),
    [
        (change_operators, "a - b", "a + b"),
        (change_operators, "a - b", "b - a"),
        (change_operators, "-a * b", "a * b"),
        (change_operators, "a * (b + c)", "a * (b)"),
        (change_operators, "a * b / c", "a * b"),
        (change_operators, "a @ b", "b @ a"),
        (change_operators, "a / b", "a / b ** 2"),
        (change_operators, "x + a - b", "x + b - a"),
        (change_operators, "x - a + b", "x - b + a"),
        (change_operators, "a / b ** 2", "a / b"),
        (change_operators, "np.dot(a, b.T)", "np.dot(b.T, a)"),
        (change_operators, "x * w.dot(f(y))", "x * w.dot(y)"),
        (change_operators, "(a + b) @ c", "(c) @ (a + b)"),
        (change_axes, "a.T @ b", "a @ b"),
        (change_axes, "a @ b", "a.T @ b"),
        (change_axes, "a @ b", "(a @ b).T"),
        (change_axes, "a.sum(axis=0)", "a.sum(axis=1)"),
        (change_axes, "a.sum(axis=0)", "a.sum(axis=0, keepdims=True)"),
        (change_axes, "np.sum(a, axis=1, keepdims=True)", "np.sum(a, axis=1, keepdims=False)"),
        (change_axes, "np.sum(a, 0)", "np.sum(a, 1)"),
        (change_axes, "np.convolve(a, k)", "np.correlate(a, k)"),
        (change_axes, "np.mean(a * b)", "np.sum(a * b)"),
        (change_axes, "math.sin(t)", "math.cos(t)"),
        (change_axes, "s.transpose(0, 2, 1) @ q", "s @ q"),
        (change_indices, "h[t]", "h[t - 1]"),
        (change_indices, "h[t - 1]", "h[t]"),
        (change_indices, "h[t + 1]", "h[t]"),
        (change_indices, "x[2:5]", "x[3:6]"),
        (change_indices, "x[i:i + 3]", "x[i - 1:i + 3 - 1]"),
        (change_indices, "x[:n]", "x[n:]"),
        (change_indices, "x[a[::-1]]", "x[a]"),
        (change_indices, "m[i, j]", "m[j, i]"),
        (change_constants, "2 * a", "1 * a"),
        (change_constants, "0.5 * a", "1.0 * a"),
        (change_constants, "a ** 3", "a ** 2"),
        (change_constants, "a + 1", "a + 2"),
        (change_comparisons, "(z > 0) * d", "(z >= 0) * d"),
        (change_comparisons, "(z > 0) * d", "(z < 0) * d"),
        (change_comparisons, "np.where(z > 0, 1.0, a)", "np.where(z > 0, a, 1.0)"),
        (change_comparisons, "a if z else b", "b if z else a"),
        (negations, "d * on", "d * ~on"),
    ],
)
def test_what_was_meant_is_offered(family, wrong, right):
    assert right in offered(family, wrong)


@pytest.mark.parametrize(
    "family", [change_operators, change_axes, change_indices, change_constants, change_comparisons, negations]
)
def test_every_candidate_is_an_expression(family):
    everything = (
        "-math.hypot(*u) - np.sum(dc * (a[i, j - 1:] + b.T @ c[2:5]) ** 2, axis=0)"
        " / np.where(z > 0, 1.0, x[:, None]) if t else f(y)"
    )
    texts = offered(family, everything)

    assert texts
    for text in texts:
        ast.parse(text, mode="eval")


def test_brackets_are_set_where_the_neighbours_would_tear_a_text_apart():
    assert "a * (-b)" not in offered(change_operators, "a * b")
    assert "-(a + b)" in offered(change_operators, "a + b")
    assert "(a / b) ** 2" in offered(change_operators, "a / b")
    assert "c / (b * a)" not in offered(change_operators, "c / (a * b)")


def statements_for(text):
    source = read_source(text)
    return {apply_swaps(text, one.swaps) for one in change_statement(source, ast.parse(text).body[0])}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("dW = x\n", "dW += x\n"),
        ("dW[i] += x\n", "dW[i] = x\n"),
        ("dE[words] += dh\n", "np.add.at(dE, words, dh)\n"),
        ("dE[i, j] -= a + b\n", "np.add.at(dE, (i, j), -(a + b))\n"),
        ("b *= db\n", "b = b * db\n"),
        ("b /= n + 1\n", "b = b / (n + 1)\n"),
        ("h = x\n", "h = x.copy()\n"),
        ("a, b = f(x)\n", "b, a = f(x)\n"),
        ("for a, b in f(x):\n    g(a)\n", "for b, a in f(x):\n    g(a)\n"),
    ],
)
def test_statements_store_another_way(wrong, right):
    assert right in statements_for(wrong)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("for c, a, b in reversed(tape):\n    g(a)\n", "for a, b, c in reversed(tape):\n    g(a)\n"),
        ("for t, (b, c, a) in enumerate(tape):\n    g(a)\n", "for t, (a, b, c) in enumerate(tape):\n    g(a)\n"),
        ("self.b, c, self.a = tape[0]\n", None),
    ],
)
def test_a_tuple_is_taken_apart_as_the_file_puts_it_together(wrong, right):
    source = read_source(wrong + "tape.append((a, b, c))\n")
    tree = ast.parse(source.text)
    texts = [apply_swaps(wrong, one.swaps) for one in unpack_otherwise(source, tree.body[0], packed_in(tree))]
    assert texts == ([] if right is None else [right])


def test_returned_values_change_places():
    text = "def f():\n    return {'W': dW, 'b': db}\n"
    source = read_source(text)
    found = {apply_swaps(text, one.swaps) for one in change_statement(source, ast.parse(text).body[0].body[0])}

    assert "def f():\n    return {'W': db, 'b': dW}\n" in found


LOOP = "s = 0\nfor t in T:\n    a = t\n    s += a\ng = s\n"


@pytest.mark.parametrize(
    "right",
    [
        "for t in T:\n    s = 0\n    a = t\n    s += a\ng = s\n",
        "s = 0\nfor t in T:\n    a = t\n    s += a\n    g = s\n",
        "s = 0\nfor t in T:\n    a = t\ns += a\ng = s\n",
        "s = 0\na = t\nfor t in T:\n    s += a\ng = s\n",
        "s = 0\nfor t in T:\n    s += a\n    a = t\ng = s\n",
        "for t in T:\n    a = t\n    s += a\ng = s\n",
    ],
)
def test_statements_move(right):
    source, tree = read_source(LOOP), ast.parse(LOOP)
    blocks = [tree.body, tree.body[1].body]
    found = {apply_swaps(LOOP, one.swaps) for block in blocks for _, one in change_order(source, block)}

    assert right in found


BRANCH = """\
def f(u):
    for t in u:
        if t > 0:
            a = t
            b = t
        c = t
        d = t
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        c = t\n", "            c = t\n"),
        ("        c = t\n        d = t\n", "            c = t\n            d = t\n"),
        ("            b = t\n", "        b = t\n"),
    ],
)
def test_statements_slip_into_a_branch_and_out_of_it(old, new):
    source, loop = read_source(BRANCH), ast.parse(BRANCH).body[0].body[0]
    found = {apply_swaps(BRANCH, one.swaps) for _, one in change_order(source, loop.body)}

    assert BRANCH.replace(old, new) in found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        c = t\n", "        if t > 0:\n            c = t\n"),
        ("        c = t\n        d = t\n", "        if t > 0:\n            c = t\n            d = t\n"),
        (
            "        if t > 0:\n            a = t\n            b = t\n",
            "        a = t\n        b = t\n",
        ),
    ],
)
def test_statements_wait_for_a_condition_of_the_file_or_do_not(old, new):
    source, tree = read_source(BRANCH), ast.parse(BRANCH)
    found = {apply_swaps(BRANCH, one.swaps) for _, one in change_branches(source, tree, tree.body[0])}

    assert BRANCH.replace(old, new) in found


def test_an_index_of_a_target_is_exchanged_renamed_and_spread():
    source = read_source("d[j + q, i] += e\n")
    place = place_at(source, ast.parse(source.text).body[0].target.slice)

    def texts(found):
        return {apply_swaps(source.text, one.swaps) for one in found}

    assert "d[i, j + q] += e\n" in texts(change_target(place))
    assert "d[j + q, i + 1] += e\n" in texts(change_target(place))
    assert "d[j + DIL * q, i] += e\n" in texts(factored_indices(place, ["DIL"]))
    assert "d[j + q, k] += e\n" in texts(other_indices(place, ["i", "k"]))


def test_a_size_is_written_for_a_number():
    """The nearest names of each value; never another number, nor what has the value already."""
    scalars = [("len(X)", 5.0, 0.1), ("len(Y)", 5.0, 0.2), ("n", 4.0, 0.0), ("10", 10.0, 0.4)]
    texts = offered(lambda place: name_numbers(place, scalars), "x[0] * d ** 2 / 4")
    assert texts == {"x[0] * d ** 2 / len(X)", "x[0] * d ** 2 / len(Y)"}


def test_a_number_that_is_plain_is_not_written_with_a_constant_beside_it():
    def ways(factor):
        scalars = [("RATE", 0.25, 0.0), ("HALF", 0.5, 0.0), ("len(X)", 6.0, 0.0)]
        return [way[:2] for way in factor_texts(factor, scalars)]

    assert ways(1.0) == [("", "")]
    assert ways(0.5) == [("0.5", ""), ("HALF", ""), ("3", "len(X)")]
    assert ways(2.0) == [("2", ""), ("", "HALF"), ("len(X)", "3")]
    assert ways(1 / 12) == [("0.5", "len(X)"), ("RATE", "3")]


def test_what_is_made_of_a_part_takes_its_place():
    assert {"dh @ W.T * (z > 0)", "dh @ W.T * (1 - z ** 2)"} <= offered(made_instead, "dh @ W.T * z")


def test_every_slice_of_a_statement_is_cut_at_the_other_end():
    source = read_source("g[1:, 0] += k * r[:-1, 0]\n")

    (one,) = mirror(source, ast.parse(source.text).body[0])

    assert apply_swaps(source.text, one.swaps) == "g[:-1, 0] += k * r[1:, 0]\n"
    assert list(mirror(source, ast.parse("g[1:] += k\n").body[0])) == []


def test_what_stands_there_for_another_layer_is_at_hand():
    text = "def grads(z1, z2, a1, a2, d):\n    return d * np.where(z1 > 0, 1, a1), z2 - a2\n"
    texts = expressions_in(ast.parse(text), "grads")

    assert "np.where(z2 > 0, 1, a2)" in texts
    assert texts["np.where(z2 > 0, 1, a2)"] > texts["np.where(z1 > 0, 1, a1)"]
    assert "z1 - a1" in texts
    assert not any("3" in one for one in texts)


def told(candidates, expression):
    text = f"d = {expression}\n"
    return {apply_swaps(text, one.swaps)[4:-1] for one in candidates}


def place_of(expression):
    text = f"d = {expression}\n"
    return place_at(read_source(text), ast.parse(text).body[0].value)


def test_another_function_is_called_once_or_everywhere():
    tree = ast.parse("def there(x, k): pass\ndef back(x, k): pass\ndef one(x): pass\nrest = lambda *a: 0\n")
    expression = "there(a, 1) + 2 * there(b, 2)"
    found = told(change_calls(place_of(expression), functions_in(tree)), expression)
    assert found == {
        "back(a, 1) + 2 * back(b, 2)",
        "back(a, 1) + 2 * there(b, 2)",
        "there(a, 1) + 2 * back(b, 2)",
    }


def test_a_name_is_replaced_throughout():
    expression = "do * i * (1 - i)"
    place = place_of(expression)
    both = [node for node in ast.walk(place.expr) if isinstance(node, ast.Name) and node.id == "i"]
    pool = [Named("o", (np.array([0.2, 0.7]),), 0.0), Named("c", (np.array([0.2]),), 0.0)]
    found = told(change_throughout(place, pool, dict.fromkeys(both, (np.array([0.5, 0.1]),))), expression)
    assert found == {"do * o * (1 - o)"}


def test_the_brackets_of_another_subscript_and_a_count_less_one():
    expression = "R[i, j] - D[i, j] + x[n]"
    found = told(other_brackets(place_of(expression), [("i + 1, j + 1", 2), ("t", 1)]), expression)
    assert {"R[i, j] - D[i + 1, j + 1] + x[n]", "R[i, j] - D[i, j] + x[t]"} <= found
    place = place_of("d / (n * s)")
    values = {node: (7,) for node in ast.walk(place.expr) if isinstance(node, ast.Name) and node.id == "n"}
    assert told(one_off(place, values), "d / (n * s)") == {"d / ((n - 1) * s)", "d / ((n + 1) * s)"}


def test_a_condition_that_stands_nowhere_is_asked():
    ratio, adv, clip = np.array([0.5, 1.5, 0.9, 1.1]), np.array([-1.0, 1.0, 2.0, -2.0]), 0.2
    expression = "(adv < 0) & (ratio > 1 + CLIP)"
    place = place_of(expression)
    scope = {"ratio": ratio, "adv": adv, "CLIP": clip}
    nodes = [node for node in ast.walk(place.expr) if isinstance(node, ast.expr)]
    values = {node: (eval(ast.unparse(node), {}, scope),) for node in nodes}
    pool = [Named(text, (eval(text, {}, scope),), 0.0) for text in ("ratio", "adv", "1 - CLIP")]
    found = told(compare_anew(place, pool, values), expression)
    assert "(adv < 0) & (ratio < 1 - CLIP)" in found
    masks = [tuple(eval(text.split("&")[0], {}, scope)) for text in found if text.endswith("(ratio > 1 + CLIP)")]
    assert len(set(masks)) == len(masks) > 3  # each mask once


def test_one_thing_more_is_asked():
    z, y = np.array([1.0, -1.0, 2.0]), np.array([-1.0, -2.0, 1.0])
    place = place_of("z > 0")
    values = {place.expr: (z > 0,)}
    found = told(ask_more(place, [Named("y", (y,), 0.0), Named("y < 0", (y < 0,), 0.1)], values), "z > 0")
    assert "(z > 0) & (y > 0)" in found
    assert "(z > 0) | (y < 0)" in found


def test_a_column_for_a_row():
    source = read_source("d[m] += e\n")
    place = place_at(source, ast.parse(source.text).body[0].target.slice)

    assert "d[:, m] += e\n" in {apply_swaps(source.text, one.swaps) for one in change_target(place)}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("d = xs[k] - ts[k]", "d = xs[k + 1] - ts[k + 1]"),
        ("d = xs[k + 1] - ts[k]", "d = xs[k] - ts[k - 1]"),
        ("d = xs[i, k - 1] * ts[k - 1]", "d = xs[i, k] * ts[k]"),
    ],
)
def test_all_indices_by_one_name_are_shifted_together(wrong, right):
    place = place_at(read_source(wrong), ast.parse(wrong).body[0].value)
    assert right in {apply_swaps(wrong, one.swaps) for one in shift_throughout(place)}


def test_an_index_that_stands_once_is_not_shifted_throughout():
    text = "d = xs[k] - ts[i]"
    assert not list(shift_throughout(place_at(read_source(text), ast.parse(text).body[0].value)))


@pytest.mark.parametrize(
    ("statement", "added"),
    [
        ("g[1:] += lam * step", "g[:-1] -= lam * step"),
        ("g[:-1, j] -= step", "g[1:, j] += step"),
        ("g[i] += r", "g[j] -= r"),
    ],
)
def test_the_other_half_of_a_difference_is_added_below(statement, added):
    text = f"if True:\n    {statement}  # as ever\n    other = 1\n"
    source = read_source(text)
    found = {apply_swaps(text, one.swaps) for one in counterparts(source, ast.parse(text).body[0].body[0], ("i", "j"))}
    assert text.replace("  # as ever\n", f"  # as ever\n    {added}\n") in found


@pytest.mark.parametrize("text", ["g[1:] = s\n", "g += s\n", "g[1:] *= s\n", "g[2:5] += s\n", "a = 1; g[1:] += s\n"])
def test_what_is_no_half_of_a_difference_has_no_other(text):
    assert not list(counterparts(read_source(text), ast.parse(text).body[-1], ()))


def test_the_other_half_is_added_at_the_end_of_a_text():
    text = "g[1:] += s"
    (one,) = counterparts(read_source(text), ast.parse(text).body[0], ())
    assert apply_swaps(text, one.swaps) == "g[1:] += s\ng[:-1] -= s"


def test_a_count_is_named_rather_than_written_as_a_number():
    """In a mean of 3 both would do; derivatives bring a 2 by themselves, but no third."""
    found = {(times, over): cost for times, over, cost in factor_texts(1 / 3, [("len(X)", 3.0, 0.0)])}
    assert found["", "len(X)"] < found["", "3"]
    assert not any("/" in text and cost < 1.4 for text, cost in _numbers("2"))


def _numbers(expression):
    place = place_at(read_source(expression), ast.parse(expression).body[0].value)
    return [(apply_swaps(expression, one.swaps), one.cost) for one in change_constants(place)]
