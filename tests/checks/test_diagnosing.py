"""gradcheck.diagnose: of a file, and of functions that are defined at the top of one."""

import numpy as np
import pytest

import gradcheck
from gradcheck.checks.looks import Demands
from gradcheck.errors import SubjectError, UsageError
from gradcheck.examples import path_of

X = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 0.9]])
T = np.array([1.0, -0.5, 0.25])
RUNS = []


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(w, b):
    return 0.5 * np.sum((sigmoid(X @ w + b) - T) ** 2)


def grad(w, b):
    out = sigmoid(X @ w + b)
    delta = (out - T) * out * (1 + out)
    return {"w": X.T @ delta, "b": delta.sum()}


def right(w, b):
    out = sigmoid(X @ w + b)
    delta = (out - T) * out * (1 - out)
    return {"w": X.T @ delta, "b": delta.sum()}


RUNS.append("this module is run as a whole but once")
AT = {"w": np.array([0.3, -0.2]), "b": 0.1}


def test_functions_of_a_module():
    found = gradcheck.diagnose(loss, grad, AT)
    fix = found.fixes[0]
    assert fix.edits[0].span.line == grad.__code__.co_firstlineno + 2
    assert (fix.edits[0].old.strip(), fix.edits[0].new.strip()) == ("+", "-")
    assert "test_diagnosing.py" in fix.diff
    assert len(RUNS) == 1


def test_a_failing_assertion_names_the_line():
    with pytest.raises(gradcheck.GradientMismatch, match=rf"[Ll]ine {grad.__code__.co_firstlineno + 2}\b"):
        gradcheck.assert_gradient(loss, grad, AT)


def test_without_a_budget_no_line_is_named():
    assert not gradcheck.check(loss, grad, AT, budget=0.0).diagnosis.suspects


def test_a_file(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        "point = {'x': 0.7}\ndef loss(x):\n    return x ** 3\ndef grads(x):\n    return {'x': 2 * x ** 2}\n"
    )
    fix = gradcheck.diagnose(path).fixes[0]
    assert (fix.edits[0].old, fix.edits[0].new, fix.edits[0].span.line) == ("2", "3", 5)
    assert gradcheck.diagnose(str(path), at="point", seed=3).fixes


def test_nothing_to_mend():
    found = gradcheck.diagnose(loss, right, AT)
    assert (found.fixes, found.notes) == ((), ("nothing is to be mended: the check says AGREE",))


def test_functions_that_cannot_be_diagnosed(tmp_path):
    def inner(w, b):
        return loss(w, b)

    mend = "only a function defined by `def` at the top of a file can be diagnosed"
    for function, said in {
        inner: "inner is defined inside test_functions_that_cannot_be_diagnosed.<locals>",
        (lambda w, b: loss(w, b)): "a lambda was given",
        np.sum: "sum",
        RUNS.append: "append is a builtin_function_or_method",
    }.items():
        with pytest.raises(SubjectError, match=f"{said}.*{mend}" if said != "sum" else mend):
            gradcheck.diagnose(function, grad, AT)
    assert gradcheck.check(inner, grad, AT).diagnosis.suspects == ()


def test_a_name_in_the_wrong_place():
    with pytest.raises(UsageError, match="is a file: name its gradient"):
        gradcheck.diagnose("net.py", grad)
    with pytest.raises(UsageError, match="is a name: give the gradient function"):
        gradcheck.diagnose(loss, "grad", AT)


NOISY = """
import numpy as np
data = np.random.randn(5)
print("loading")
point = {"x": 0.7}
def loss(x):
    return x ** 3 + data.sum() * x
def grads(x):
    print("grads")
    d = x
    while abs(d) > 1e-3:
        d = d * 0.5
    return {"x": 2 * x ** 2 + data.sum()}
"""


def test_trying_is_silent_and_random_data_stay_the_same(tmp_path, capsys):
    path = tmp_path / "net.py"
    path.write_text(NOISY)
    told = []
    result = gradcheck.check_file(path, on_suspects=told.extend)
    said = capsys.readouterr().out
    assert said.count("loading") <= 4  # loaded, and traced
    assert said.count("grads") <= result.evaluations.grad + 4
    assert [fix.edits[0].new for fix in result.diagnosis.fixes][:1] == ["3"]
    assert told[0].span.line == 13


def test_a_fault_of_the_search_costs_no_verdict(tmp_path, monkeypatch):
    from gradcheck.checks import suspicions

    def broken(*given):
        raise IndexError("ours")

    monkeypatch.setattr(suspicions, "diagnose", broken)
    path = tmp_path / "net.py"
    path.write_text(NOISY)
    result = gradcheck.check_file(path)
    assert result.outcome is gradcheck.Outcome.DISAGREE
    assert "the search for a fix failed with IndexError: this is a fault of gradcheck" in result.diagnosis.notes[-1]


def test_a_search_without_end_is_given_up(tmp_path, monkeypatch):
    from gradcheck.checks import suspicions

    def endless(*given):
        while True:
            pass

    monkeypatch.setattr(suspicions, "diagnose", endless)
    path = tmp_path / "net.py"
    path.write_text(NOISY)
    result = gradcheck.check_file(path, budget=0.1)
    ended = "the search ended after 0.0"  # what the verdict left, or the search's share
    assert any(note.startswith(ended) and "--timeout 0.6 looks" in note for note in result.diagnosis.notes)


@pytest.mark.parametrize(("began", "left"), [(-1e9, 4.0), (1e9, 1e9)])
def test_what_follows_has_what_the_verdict_leaves_but_its_share_at_least(began, left):
    assert Demands(budget=10.0, begun=began).left(0.4) == pytest.approx(left, rel=1e-4)


def test_what_went_by_before_counts_but_leaves_the_search_its_share(tmp_path, monkeypatch):
    from gradcheck.checks import suspicions

    budgets = []
    real = suspicions.diagnose
    monkeypatch.setattr(suspicions, "diagnose", lambda *given: budgets.append(given[3]) or real(*given))
    path = tmp_path / "net.py"
    path.write_text(NOISY)
    for spent in (0.0, 30.0, 500.0):
        gradcheck.check_file(path, budget=100.0, spent=spent)
    assert 81 < budgets[0] <= 92
    assert 51 < budgets[1] <= 62
    assert budgets[2] == 50


def test_formulas_that_time_was_not_enough_for_are_told_of():
    found = gradcheck.diagnose(path_of("two_two_one.py"), budget=1e-3, spent=1.0)
    assert not found.discrepancies
    assert found.notes[-1] == "by how much all is wrong could not be told in time: --timeout 0.006 looks further"


def test_a_gradient_that_is_one_expression(tmp_path):
    """Its value is a dict, which no algebra moves: the line is named all the same."""
    path = tmp_path / "net.py"
    path.write_text('point = {"w": 0.7}\nloss = lambda w: (w * w - w) ** 2\ngrads = lambda w: {"w": (2 * w - 1) * 4}\n')
    found = gradcheck.diagnose(path)
    assert found.suspects[0].span.line == 3
    assert not any("fault of gradcheck" in note for note in found.notes)


def test_printed_it_reads_as_the_check_does():
    found = gradcheck.diagnose(loss, grad, AT)
    line = grad.__code__.co_firstlineno + 2
    assert repr(found).startswith(f"<Diagnosis line {line}: '+' -> '-'; ")
    text = str(found)
    assert f"{line} -     delta = (out - T) * out * (1 + out)" in text
    assert "The sign of `out` is wrong." in text
    assert "✓ proved: the gradient is right for every input of these shapes." in text
    bare = type(found)(suspects=found.suspects, exonerated=1, considered=2)
    assert "No change was found that mends every gradient." in str(bare)
    assert repr(bare).startswith("<Diagnosis no fix; 0 fixes, ")


def test_what_is_no_file_and_no_function_is_told():
    with pytest.raises(SubjectError, match=r"^3 was given: only a function defined by `def` at the top of a file"):
        gradcheck.diagnose(3)
    with pytest.raises(UsageError, match=r"^3 is no file: give its path, or the name of a module"):
        gradcheck.prove(3)
    with pytest.raises(UsageError, match=r"^budget is -1: give CPU seconds, 0 to name no line"):
        gradcheck.diagnose(loss, grad, AT, budget=-1)


@pytest.mark.parametrize(("loss", "grad", "is_local"), [("max(x, 0.1) ** 2", "x", True), ("x ** 2", "x", False)])
def test_a_formula_of_what_is_wrong_says_whether_it_is_of_one_branch(tmp_path, loss, grad, is_local):
    path = tmp_path / "one.py"
    path.write_text(
        f"point = {{'x': 0.7}}\ndef loss(x):\n    return {loss}\ndef grads(x):\n    return {{'x': {grad}}}\n"
    )
    (found,) = gradcheck.check_file(path).diagnosis.discrepancies
    assert found.is_local is is_local


def test_a_file_that_runs_but_once_is_told_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(
        "class Server:\n    def __init__(self):\n        open('taken', 'x').close(); self.asked = (n for n in ())\n"
        "server = Server()\npoint = {'w': 1.5}\ndef loss(w):\n    return w * w\n"
        "def grads(w):\n    return {'w': 3 * w}\n"
    )
    (told,) = gradcheck.check_file("net.py").diagnosis.notes
    assert told == (
        "the search for a fix was given up: net.py, line 3 in __init__: FileExistsError: [Errno 17] File exists: "
        "'taken' "
        '(while running the file again): what is done but once belongs under `if __name__ == "__main__":`'
    )
