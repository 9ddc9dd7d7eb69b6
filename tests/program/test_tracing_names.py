"""The user's names and lines stand on the nodes; the gradient's own forward pass lands on the nodes of the loss."""

import numpy as np

from gradcheck.program.tracing import trace

SOURCE = """x1 = 0.5
y = 7

def sigma(z):
    s = 1/(1 + exp(-z))
    return s

def loss(w, b):
    net = w*x1 + b
    h = sigma(net)
    out = h
    return (y - out)**2

def grads(w, b):
    net = w*x1 + b
    h = sigma(net)
    d_out = -2*(y - h)
    a = c = h*(1 - h)
    first, second = d_out*a*x1, d_out*c
    return {"w": first, "b": second}

from math import exp
"""


def program():
    return trace(SOURCE, "names.py", "loss", "grads", {"w": 0.3, "b": -0.2})


def test_a_value_is_named_by_the_caller_and_an_alias_keeps_its_own_name():
    traced = program()
    named = traced.named()
    assert {"w", "b", "x1", "y", "net", "h", "out", "Loss"} <= named.keys()
    assert "s" not in named
    assert traced.nodes[named["out"]].op == "name"
    assert traced.nodes[named["out"]].args == (named["h"],)


def test_lines_are_the_users():
    traced = program()
    named = traced.named()
    lines = {name: traced.nodes[named[name]].line for name in ("net", "h", "out", "Loss", "d_out", "first")}
    assert lines == {"net": 9, "h": 5, "out": 11, "Loss": 12, "d_out": 17, "first": 19}


def test_the_gradient_lands_on_the_nodes_of_the_loss():
    traced = program()
    named = traced.named()
    assert named["net"] < named["h"] < traced.forward <= named["d_out"]
    assert "net_2" not in named
    assert sum(node.op == "exp" for node in traced.nodes) == 1


def test_named_numbers_are_data():
    traced = program()
    data = {node.name: node.value for node in traced.nodes if node.op == "data"}
    assert data == {"x1": 0.5, "y": 7.0}


def test_chained_and_tuple_assignment_name_every_target():
    traced = program()
    named = traced.named()
    assert traced.nodes[named["c"]].args == (named["a"],)
    assert {"first", "second"} <= named.keys()


def test_a_second_value_of_a_variable_gets_a_version():
    source = "def loss(h):\n    for _ in range(3):\n        h = h*h\n    return h\n"
    traced = trace(source, "loop.py", "loss", None, {"h": 1.1})
    assert [node.name for node in traced.nodes if node.op == "mul"] == ["h_2", "h_3", "h_4"]


def test_a_users_own_numbered_name_is_no_version():
    source = "def loss(w):\n    h_2 = w*w\n    h = h_2*w\n    h_2 = h_2\n    return h + h_2\n"
    traced = trace(source, "numbered.py", "loss", None, {"w": 1.1})
    assert [node.name for node in traced.nodes] == ["w", "h_2", "h", "Loss"]


def test_an_accumulator_keeps_one_name():
    source = "def loss(w):\n    s, t = 0, w\n    for k in (1, 2):\n        s += w*k\n        t = t + s\n    return t\n"
    traced = trace(source, "sum.py", "loss", None, {"w": 1.1})
    assert sorted(traced.named()) == ["s", "t", "w"]


def test_entries_of_arrays_are_named_by_their_place():
    source = "import numpy as np\nX = np.ones((2, 2))/4\ndef loss(W):\n    Z = X @ W\n    return np.sum(Z)\n"
    traced = trace(source, "arrays.py", "loss", None, {"W": np.ones((2, 1))})
    assert {"W[0,0]", "W[1,0]", "X[0,0]", "X[1,1]", "Z[0,0]", "Z[1,0]", "Loss"} <= traced.named().keys()


def test_a_view_still_shares_memory_after_naming():
    source = "import numpy as np\ndef loss(w):\n    a = np.zeros(2)\n    b = a.T\n    b[0] = w\n    return a.sum()*3\n"
    traced = trace(source, "views.py", "loss", None, {"w": 2.0})
    assert traced.nodes[traced.loss].value == 6.0


def test_branches_are_recorded_with_line_and_outcome():
    source = "def loss(w):\n    z = 2*w\n    if z > 1:\n        return z\n    return w*0\n"
    for value, outcome in ((0.8, True), (0.2, False)):
        (branch,) = trace(source, "branch.py", "loss", None, {"w": value}).branches
        assert (branch.line, branch.text, branch.outcome) == (3, "z > 1", outcome)


def test_comparisons_of_data_are_no_branches():
    source = "y = 7\ndef loss(w):\n    return w if y > 3 else -w\n"
    assert trace(source, "data.py", "loss", None, {"w": 0.3}).branches == ()


def test_maximum_is_a_primitive_and_where_is_the_branch_taken():
    source = "import numpy as np\ndef loss(w):\n    return np.maximum(w, 0.0) + np.where(w > 0, 2*w, 3*w)\n"
    ops = {node.op for node in trace(source, "kinks.py", "loss", None, {"w": 0.3}).nodes}
    assert ops == {"input", "number", "maximum", "mul", "add"}
