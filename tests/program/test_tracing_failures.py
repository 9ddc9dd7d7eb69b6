"""What cannot be traced is refused with line and operation, never traced wrongly; nothing leaks."""

import sys

import numpy as np
import pytest

from gradcheck.errors import TraceError
from gradcheck.program.tracing import trace

REFUSED = {
    "round(w)": "round()",
    "int(w)": "int",
    "[1, 2][w]": "an index",
    "w // 2": "//",
    "w % 2": "%",
    "math.floor(w)": "floor",
    "math.erf(w)": "float(), or a function like math.erf that makes one, of a number that depends on a parameter",
    "np.float32(w)": "float32",
    "np.round(np.array([w]))": "round",
    "np.linalg.eigvalsh(np.array([[w, 0], [0, w]]))[1]": "eigvalsh",
    "np.linalg.det(np.array([[w, w], [w, w]]))": "singular",
    "exit()": "SystemExit",
    "np.array([w, w]).astype(np.float32).sum()": "float32",
    "np.zeros(2, dtype=int) + np.array([w, 1]).astype(int)": "int",
    "1j*w": "complex",
    "(-w)**0.5": "complex",
    "unknown(w)": "NameError",
    "math.log(-w)": "math domain error",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_the_error_names_line_and_operation(expression):
    source = f"import math\nimport numpy as np\n\ndef loss(w):\n    v = 2*w\n    return {expression}\n"
    with pytest.raises(TraceError, match="line 6") as caught:
        trace(source, "refused.py", "loss", None, {"w": 0.7})
    assert REFUSED[expression] in str(caught.value)


def test_a_plain_buffer_never_drops_the_trace():
    # An array made while the file loads is a plain one: storing a traced number in it must fail, not go on without it
    source = "import numpy as np\nbuffer = np.zeros(100)\ndef loss(w):\n    buffer[0] = w\n    return buffer.sum()\n"
    with pytest.raises(TraceError, match=r"line 4.*float"):
        trace(source, "buffer.py", "loss", None, {"w": 0.7})


def test_a_gradient_that_cannot_be_traced_leaves_the_loss():
    source = "import math\ndef loss(w):\n    return w*w\ndef grads(w):\n    return {'w': math.erf(w)}\n"
    program = trace(source, "half.py", "loss", "grads", {"w": 0.7})
    assert program.gradient == {}
    assert "line 5" in str(program.untraced)
    assert program.nodes[program.loss].value == 0.7 * 0.7


@pytest.mark.parametrize(
    ("returned", "finding"),
    [
        ("{'w': [1.0, 2.0, 3.0]}", "the gradient of w has shape \\(3,\\), w has shape \\(2,\\)"),
        ("{'w': ['a', 'b']}", "the gradient of w\\[0\\] is str"),
        ("(1.0, 2.0, 3.0), 4.0", "the gradient"),
    ],
)
def test_a_gradient_of_the_wrong_form_says_so(returned, finding):
    source = f"def loss(w):\n    return w.sum()\ndef grads(w):\n    return {returned}\n"
    program = trace(source, "form.py", "loss", "grads", {"w": np.ones(2)})
    assert program.gradient == {}
    with pytest.raises(TraceError, match=finding):
        raise TraceError(program.untraced)


def test_a_gradient_may_hold_constants_and_leave_parameters_out():
    source = "def loss(w, v):\n    return 3*w\ndef grads(w, v):\n    return {'w': 3}\n"
    program = trace(source, "constant.py", "loss", "grads", {"w": 0.7, "v": 1.0})
    assert {label: program.nodes[node].value for label, node in program.gradient.items()} == {"w": 3.0}
    assert program.nodes[program.gradient["w"]].op == "number"


def test_a_loss_of_several_numbers_is_refused():
    with pytest.raises(TraceError, match=r"the loss returns ndarray of shape \(2,\): return one number"):
        trace("def loss(w):\n    return w*w\n", "many.py", "loss", None, {"w": np.ones(2)})


def test_a_missing_function_is_named():
    with pytest.raises(TraceError, match="cannot trace cost"):
        trace("def loss(w):\n    return w\n", "missing.py", "cost", None, {"w": 1.0})


def test_a_syntax_error_has_its_line():
    with pytest.raises(TraceError, match="line 2"):
        trace("def loss(w):\n    return w +\n", "broken.py", "loss", None, {"w": 1.0})


def test_a_large_program_is_refused(monkeypatch):
    monkeypatch.setattr("gradcheck.program.tape.LIMIT", 1000)
    source = "def loss(w):\n    s = w\n    while True:\n        s = s*w\n"
    with pytest.raises(TraceError, match="line 4: too large, more than 1,000 operations"):
        trace(source, "large.py", "loss", None, {"w": 1.0})


def test_code_that_needs_a_plain_number_is_traced_without_named_data():
    source = "RATE = 0.5\ndef loss(w):\n    return w*w if isinstance(RATE, float) else unknown\n"
    program = trace(source, "plain.py", "loss", None, {"w": 2.0})
    assert program.nodes[program.loss].value == 4.0
    assert not any(node.op == "data" for node in program.nodes)


def test_whole_numbers_still_index_and_count():
    source = "N = 3\ndef loss(w):\n    return sum(w[N - 1 - k]*k for k in range(N)) + [0, 0, 0, w[0]][N]\n"
    program = trace(source, "counts.py", "loss", None, {"w": np.array([1.0, 10.0, 100.0])})
    assert program.nodes[program.loss].value == 10.0 + 2.0 + 1.0


def test_the_main_block_does_not_run():
    source = "def loss(w):\n    return w\nif __name__ == '__main__':\n    raise SystemExit\n"
    assert trace(source, "main.py", "loss", None, {"w": 1.0}).loss == 0


def test_files_beside_can_be_imported_and_nothing_leaks(tmp_path):
    (tmp_path / "beside_me.py").write_text("def twice(x):\n    return 2*x\n")
    path, modules = list(sys.path), set(sys.modules)
    source = "from beside_me import twice\ndef loss(w):\n    import numpy as np\n    return np.tanh(twice(w))\n"
    program = trace(source, str(tmp_path / "net.py"), "loss", None, {"w": 0.5})
    assert program.nodes[program.loss].value == np.tanh(1.0)
    assert sys.path == path
    assert set(sys.modules) == modules
