"""Plain scripts: what is taken for the loss, the parameters and their gradients, and what one turn computes."""

import ast

import numpy as np
import pytest

from gradcheck.errors import SubjectError, UsageError, UserCodeError
from gradcheck.subject.cases import gradient_at, loss_at
from gradcheck.subject.planning import plan_script
from gradcheck.subject.scripts import case_of_script, is_made, is_script

SCALAR = """
x, y, lr = 2.0, 1.0, 0.1
w1 = 0.5
w2 = -0.25
for epoch in range(10**9):
    h = w1 * x
    o = w2 * h
    Loss = (o - y) ** 2
    dLoss_do = 2 * (o - y)
    dLoss_dw2 = dLoss_do * h
    dLoss_dw1 = dLoss_do * w2 * x
    w1 = w1 - lr * dLoss_dw1
    w2 -= lr * dLoss_dw2
    print(epoch, Loss)
raise SystemExit("behind the loop")
"""
ARRAYS = """
import numpy as np
data = [[0.5, 1.0], [-1.0, 0.3]]
X = np.array(data)
t = np.array([[1.0], [0.0]])
W = np.array([[0.2], [-0.4]])
b = np.zeros(1)
history = []
for epoch in range(100):
    for start in range(0, 2, 2):
        batch = X[start:start + 2]
        out = np.tanh(batch @ W + b)
        loss = 0.5 * np.sum((out - t) ** 2)
        history.append(loss)
        d = (out - t) * (1 - out ** 2)
        dW = batch.T @ d
        db = d.sum(axis=0)
        W -= 0.1 * dW
        b -= 0.1 * db
"""
SAMPLES = """
import math
points = [(0.5, 1.2), (1.0, 0.7)]
w, b, eta = 0.4, 0.1, 0.5
def sigmoid(z):
    return 1 / (1 + math.exp(-z))
def predict(x):
    return sigmoid(w * x + b)
while True:
    E = 0
    dw = db = 0.0
    for x, t in points:
        out = predict(x)
        E += (out - t) ** 2
        dw += 2 * (out - t) * out * (1 - out) * x
        db += 2 * (out - t) * out * (1 - out)
    if E < 1e-3:
        break
    w, b = w - eta * dw, b - eta * db
"""
LAYERS = """
import numpy as np
W = [np.array([[0.3, -0.2]]), np.array([[0.5], [0.1]])]
v = [np.zeros_like(w) for w in W]
x = np.array([[1.5]])
for step in range(5):
    acts = [x]
    for w in W:
        acts.append(np.tanh(acts[-1] @ w))
    cost = float(np.sum(acts[-1] ** 2))
    delta = 2 * acts[-1]
    dW = [None] * len(W)
    for l in reversed(range(len(W))):
        delta = delta * (1 - acts[l + 1] ** 2)
        dW[l] = acts[l].T @ delta
        delta = delta @ W[l].T
    for l in range(len(W)):
        v[l] = 0.9 * v[l] - 0.1 * dW[l]
        W[l] += v[l]
"""


def plan(text, **given):
    return plan_script(ast.parse(text), "net.py", **given)


@pytest.fixture
def case(tmp_path):
    def made(text, **given):
        path = tmp_path / "net.py"
        path.write_text(text)
        return case_of_script(str(path), text, **given)

    return made


def slope(case, name, step=1e-6):
    """Central differences of the loss by one parameter, all of its entries moved together."""
    at = {key: np.array(value) for key, value in case.at.arrays.items()}
    up, down = ({**at, name: at[name] + sign * step} for sign in (1, -1))
    return (loss_at(case, up) - loss_at(case, down)) / (2 * step)


def test_names_tell_what_is_what():
    found = plan(SCALAR)
    assert (found.loss, found.loss_line, found.line) == ("Loss", 8, 5)
    assert found.gradients == {"w1": "dLoss_dw1", "w2": "dLoss_dw2"}


def test_one_turn_is_taken_and_nothing_behind_it_runs(case, capsys):
    made = case(SCALAR)
    assert loss_at(made, made.at.arrays) == pytest.approx((-0.25 * 0.5 * 2 - 1) ** 2)
    assert gradient_at(made, made.at.arrays) == {"w1": 1.25, "w2": -2.5}
    assert "loss is Loss (line 8), one turn of the loop on line 5" in made.notes[0]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("text", "names"), [(ARRAYS, ["W", "b"]), (SAMPLES, ["w", "b"]), (LAYERS, ["W.0", "W.1"])])
def test_right_scripts_of_other_kinds(case, text, names):
    made = case(text)
    assert list(made.at.arrays) == names
    gradient = gradient_at(made, made.at.arrays)
    for name in names:
        assert np.sum(gradient[name]) == pytest.approx(slope(made, name), rel=1e-6)
    assert gradient_at(made, made.at.arrays)[names[0]] == pytest.approx(gradient[names[0]])


DICTS = """
import numpy as np
params = {"W": np.array([[0.3, -0.2]]), "b": np.array([0.1])}
x = np.array([[1.5]])
for step in range(5):
    out = np.tanh(x @ params["W"] + params["b"])
    cost = np.sum(out ** 2)
    d = 2 * out * (1 - out ** 2)
    grads = {"W": x.T @ d, "b": d.sum(axis=0)}
    for k in params:
        params[k] -= 0.1 * grads[k]
"""


@pytest.mark.parametrize("prefix", ["", "d"])
def test_a_dict_of_parameters(case, prefix):
    text = DICTS.replace('{"W": x', f'{{"{prefix}W": x').replace('"b": d', f'"{prefix}b": d')
    made = case(text.replace("grads[k]", f"grads['{prefix}' + k]"))
    assert list(made.at.arrays) == ["params.W", "params.b"]
    gradient = gradient_at(made, made.at.arrays)
    for name in made.at.arrays:
        assert np.sum(gradient[name]) == pytest.approx(slope(made, name), rel=1e-6)
    assert len(made.notes) == 1


def test_a_script_without_a_loop_moves_later_constants_before_the_forward_pass(case):
    text = "x = 2.0\nw1 = 0.5\nh = w1 * x\nw2 = 3.0\nJ = w2 * h ** 2\ndw2 = h ** 2\ndh = w2 * 2 * h\ndw1 = dh * x\n"
    made = case(text)
    assert list(made.at.arrays) == ["w1", "w2"]
    assert gradient_at(made, made.at.arrays) == {"w1": 12.0, "w2": 1.0}
    assert slope(made, "w1") == pytest.approx(12.0)


def test_weights_that_are_updated_too_early_stay_so(case):
    text = SCALAR.replace("    dLoss_dw1 =", "    w2 -= lr * dLoss_dw2\n    dLoss_dw1 =")
    made = case(text)
    assert gradient_at(made, made.at.arrays)["w1"] == -2.5 * (-0.25 - 0.1 * -2.5) * 2.0
    assert made.notes[-1].startswith("line 11 steps w2 before all gradients are computed")


def test_the_training_is_no_part_of_a_fix(case):
    text = SCALAR.replace("    dLoss_dw1 =", "    w2 -= lr * dLoss_dw2\n    dLoss_dw1 =")
    made = case(text)
    for old, new in (("    w2 -= lr * dLoss_dw2\n", ""), ("w2 -= lr * dLoss_dw2", "w2 -= 0 * dLoss_dw2")):
        with pytest.raises(SubjectError, match="the steps of the parameters are changed"):
            made.origin.parse(text.replace(old, new, 1), "net.py")
    assert sum(is_made(node) for node in ast.walk(made.origin.parse(text, "net.py")) if isinstance(node, ast.stmt)) == 5


def test_rates_and_turns_are_not_there_for_a_fix_to_use(case):
    names = {node.id for node in ast.walk(case(SCALAR).origin.parse(SCALAR, "net.py")) if isinstance(node, ast.Name)}
    assert "epoch" not in names
    assert "x" in names
    assert "epoch" not in case(ARRAYS).functions.loss.__globals__
    assert "history" not in case(ARRAYS).functions.grad.__code__.co_names


def test_every_statement_keeps_its_place(case):
    made = case(SCALAR)
    tree = made.origin.parse(made.origin.text, "net.py")
    lines = SCALAR.splitlines()
    statements = [s for f in tree.body if isinstance(f, ast.FunctionDef) for s in f.body[:-1]]
    assert len(statements) == 8
    for statement in statements:
        assert ast.get_source_segment(SCALAR, statement) == lines[statement.lineno - 1].strip()


def test_a_changed_text_makes_the_same_case(case):
    made = case(SCALAR)
    changed = made.origin.text.replace("* w2 * x", "* w2 * y")
    module = type(ast)("again")
    exec(compile(made.origin.parse(changed, "net.py"), "net.py", "exec"), module.__dict__)
    again = made.origin.remake(module)
    assert gradient_at(again, again.at.arrays) == {"w1": 0.625, "w2": -2.5}


def test_two_candidates_are_asked_about():
    text = ARRAYS.replace("        db =", "        grad_W = 2 * dW\n        db =").replace("0.1 * dW", "0.1 * step")
    with pytest.raises(UsageError, match=r"dW or grad_W\s+both are there(.|\n)*--map W=dW"):
        plan(text)
    assert plan(text, given={"W": "grad_W"}).gradients == {"W": "grad_W", "b": "db"}


def test_the_update_tells_which_of_two_is_meant():
    text = ARRAYS.replace("        db =", "        grad_W = 2 * dW\n        db =").replace("0.1 * dW", "0.1 * grad_W")
    assert plan(text).gradients["W"] == "grad_W"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.1 * dW", "0.1 * dW / len(X)", r"dW or dW/len\(X\)\s+its update uses dW/len\(X\)"),
        ("W -= 0.1 * dW", "W += 0.1 * dW", r"dW or -dW\s+its update adds it"),
        ("b -= 0.1 * db", "b -= 0.1 * d.sum(axis=1)", r"db"),
    ],
)
def test_an_update_that_says_more_is_asked_about(old, new, said):
    text = ARRAYS.replace(old, new)
    if said == "db":
        assert plan(text).gradients["b"] == "db"
    else:
        with pytest.raises(UsageError, match=said):
            plan(text)


def test_updates_without_named_gradients_are_shown():
    text = ARRAYS.replace("dW", "g1").replace("0.1 * db", "0.1 * d.sum(axis=0)")
    with pytest.raises(UsageError, match=r"W\s+g1\s+no variable is named after its gradient"):
        plan(text)
    assert plan(text, given={"W": "g1", "b": "d.sum(axis=0)"}).line == 10


def test_what_is_made_outside_of_the_training_is_no_gradient():
    text = ARRAYS.replace(
        "b = np.zeros(1)", "b = np.zeros(1)\ndX = X[1] - X[0]\nsig = lambda z: z\ndsig = lambda s: 1 - s"
    )
    assert plan(text).gradients == {"W": "dW", "b": "db"}
    assert plan(text).line == 13


def test_data_is_no_parameter():
    text = ARRAYS.replace("        dW =", "        dX = d @ W.T\n        dW =")
    found = plan(text)
    assert list(found.gradients) == ["W", "b"]
    assert "X is taken for data: --map X=dX" in found.notes[0]


def test_a_sum_of_losses_is_the_loss():
    text = ARRAYS.replace("        loss =", "        data_loss =").replace(
        "        history.append(loss)", "        reg_loss = np.sum(W ** 2)\n        total_loss = data_loss + reg_loss"
    )
    assert plan(text).loss == "total_loss"
    with pytest.raises(UsageError, match="data_loss or reg_loss may be its loss: give --loss NAME"):
        plan(text.replace("        total_loss = data_loss + reg_loss\n", ""))
    assert plan(text, loss="data_loss").loss == "data_loss"


def test_a_residual_is_no_loss():
    text = "w = 2.0\nx = 3.0\nerror = 1.0 - w * x\ndw = -error * x\n"
    with pytest.raises(SubjectError, match="none of its variables is named like a loss"):
        plan(text)
    assert plan(text.replace("1.0 - w * x", "(1.0 - w * x) ** 2")).loss == "error"


@pytest.mark.parametrize(
    ("given", "said"),
    [({"w9": "dw9"}, "assigns no w9"), ({"w1": "dw9"}, "assigns no dw9")],
)
def test_a_map_to_nowhere(given, said):
    with pytest.raises(UsageError, match=said):
        plan(SCALAR, given=given)


def test_what_is_a_script():
    assert is_script(ast.parse(SCALAR))
    assert is_script(ast.parse(SAMPLES))
    assert not is_script(ast.parse("def loss(w):\n    return w\n"))
    assert not is_script(ast.parse("from net import loss\n"))
    assert not is_script(ast.parse("def price(w):\n    return w\n"))


def test_a_setup_that_raises_is_told_with_its_line(case):
    with pytest.raises(UserCodeError, match="line 3: ZeroDivisionError"):
        case(SCALAR.replace("w1 = 0.5", "w1 = 1 / 0"))


def test_a_size_in_capitals_is_no_layer_in_small_letters(case):
    """Every NumPy tutorial has N, D, H and, behind them, h and grad_h."""
    text = (
        "import numpy as np\nN, D, H = 5, 3, 4\nX, Y = np.ones((N, D)), np.zeros((N, 1))\n"
        "A, B = np.full((D, H), 0.3), np.full((H, 1), 0.2)\n"
        "for i in range(300):\n    h = np.tanh(X @ A)\n    out = h @ B\n    loss = ((out - Y) ** 2).mean()\n"
        "    grad_out = 2 * (out - Y) / N\n    grad_B = h.T @ grad_out\n    grad_h = grad_out @ B.T\n"
        "    grad_A = X.T @ (grad_h * (1 - h**2))\n    A -= 0.1 * grad_A\n    B -= 0.1 * grad_B\n"
    )
    assert list(case(text).at.arrays) == ["A", "B"]


@pytest.mark.parametrize(
    "loss", ["net.loss", "price", "partial(price, X)", "functools.partial(price, X)", "lambda w: w"]
)
def test_a_function_under_another_name_is_no_script(loss):
    text = f"import functools\nX = 1.0\ndef price(w):\n    return w\nnet = Net()\nloss = {loss}\ngrads = net.grads\n"
    assert not is_script(ast.parse(text))
    assert is_script(ast.parse("w = 2.0\nloss = w * w\ngrad_w = 2 * w\n"))


@pytest.mark.parametrize(
    ("made", "drawn"),
    [
        ("np.random.seed(0)", "np.random.choice(20, 6)"),
        ("rng = np.random.default_rng(3)", "rng.integers(0, 20, 6)"),
        ("rng = np.random.RandomState(3)", "rng.permutation(20)[:6]"),
        ("import random", "[random.randrange(20) for _ in range(6)]"),
        ("import random; dice = random.Random(4)", "dice.sample(range(20), 6)"),
    ],
)
def test_loss_and_gradient_see_the_same_batch_in_every_call(case, made, drawn):
    text = (
        f"import numpy as np\n{made}\nX = np.arange(40.0).reshape(20, 2) / 10\nw = np.array([0.3, -0.7])\n"
        f"for i in range(9):\n    idx = {drawn}\n    mask = np.random.rand(6) < 0.5\n"
        "    r = mask * (X[idx] @ w - 1.0)\n    loss = 0.5 * np.sum(r**2)\n    dw = X[idx].T @ r\n"
        "    w = w - 0.1 * dw\n"
    )
    made = case(text)
    assert loss_at(made, made.at.arrays) == loss_at(made, made.at.arrays)
    assert gradient_at(made, made.at.arrays)["w"].sum() == pytest.approx(slope(made, "w"), rel=1e-6)
