"""Results made by hand: the source example on paper, without any opinion of gradcheck."""

import math
from dataclasses import replace

import numpy as np

from gradcheck.results.derivations import Definition, Derivation, Factor, Path
from gradcheck.results.diagnoses import Diagnosis, Discrepancy, Edit, Fix, Span, Suspect
from gradcheck.results.estimates import Ladder
from gradcheck.results.figures import BlindMap, Edge, Evidence, Graph, Node, StepCurve
from gradcheck.results.formulas import Call, Marked, Name, Negative, Num, Partial, Power, Product, Quotient, Sum
from gradcheck.results.outcomes import Reason
from gradcheck.results.result import (
    Audit,
    CheckedPoint,
    Evaluations,
    PlantedKind,
    Result,
    Subject,
)
from gradcheck.results.verdicts import Verdict

NAMES = ("w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2")
GIVEN = dict(zip(NAMES, [0.2] * 6 + [0.5] * 2, strict=True))
GENERIC = dict(zip(NAMES, [0.15, -0.35, 0.25, 0.30, 0.40, -0.55, 0.50, 0.35], strict=True))
X1, X2, Y = 0.02, 0.03, 7.0
BAR = 3e-13


def forward(p):
    """Every value of the source example, on paper."""
    neth1 = p["w1"] * X1 + p["w2"] * X2 + p["b1"]
    neth2 = p["w3"] * X1 + p["w4"] * X2 + p["b1"]
    outh1, outh2 = 1 / (1 + math.exp(-neth1)), 1 / (1 + math.exp(-neth2))
    out = p["w5"] * outh1 + p["w6"] * outh2 + p["b2"]
    return {"neth1": neth1, "neth2": neth2, "outh1": outh1, "outh2": outh2, "out": out, "Loss": (Y - out) ** 2 / 2}


def gradient(p, wrong=False):
    """The gradient on paper; `wrong` takes w5 where w6 belongs in b1."""
    v = forward(p)
    d = v["out"] - Y
    s1, s2 = v["outh1"] * (1 - v["outh1"]), v["outh2"] * (1 - v["outh2"])
    second = p["w5"] if wrong else p["w6"]
    return {
        "w1": d * p["w5"] * s1 * X1,
        "w2": d * p["w5"] * s1 * X2,
        "w3": d * p["w6"] * s2 * X1,
        "w4": d * p["w6"] * s2 * X2,
        "w5": d * v["outh1"],
        "w6": d * v["outh2"],
        "b1": d * (p["w5"] * s1 + second * s2),
        "b2": d,
    }


def relative(a, b):
    return 0.0 if a == b else abs(a - b) / max(abs(a), abs(b))


def scalar_verdict(name, yours, truth, bar=BAR, grade=None, reason=None, remark=None, exact=True, ladder=None):
    error = relative(yours, truth) if math.isfinite(yours) else math.nan
    grade = grade if grade is not None else 2.0 * (not error < 1e-9)
    return Verdict(
        name, yours, truth + bar / 4, bar, error, bar / abs(truth) if truth else bar, grade, reason, remark,
        truth if exact else None, truth if exact else None, ladder,
    )  # fmt: skip


def verdicts(p, wrong):
    yours, truth = gradient(p, wrong), gradient(p)
    return tuple(scalar_verdict(name, yours[name], truth[name], ladder=ladder_of(p, name)) for name in NAMES)


def ladder_of(p, name):
    steps = 2.0 ** -np.arange(0, 44)
    return Ladder(steps, np.array([central(p, name, h) for h in steps]))


def central(p, name, h):
    up, down = {**p, name: p[name] + h}, {**p, name: p[name] - h}
    return (forward(up)["Loss"] - forward(down)["Loss"]) / (2 * h)


def point(kind, p, wrong, coincidences=()):
    values = {name: np.array(number) for name, number in p.items()}
    return CheckedPoint(kind, 0, values, forward(p)["Loss"], verdicts(p, wrong), coincidences)


def names(*texts):
    return tuple(Name(text) for text in texts)


def slope(unit):
    return (Name(unit), Sum((Num("1"), Negative(Name(unit)))))


def discrepancy():
    residual = Sum((Name("out"), Negative(Name("y"))))
    difference = Sum((Name("w5"), Negative(Name("w6"))))

    def two_paths(second):
        return Product((residual, Sum((Product((Name("w5"), *slope("outh1"))), Product((second, *slope("outh2")))))))

    return Discrepancy(
        label="b1",
        formula=Product((residual, Marked(difference, "wrong"), *slope("outh2"))),
        yours=two_paths(Marked(Name("w5"), "wrong")),
        true=two_paths(Marked(Name("w6"), "right")),
        vanishes=("w5 = w6", "out = y", "outh2 = 0 or outh2 = 1"),
        words="the second path takes ∂out/∂outh1 = w5 where ∂out/∂outh2 = w6 belongs",
    )


DIFF = """\
--- two_two_one.py
+++ two_two_one.py
@@ -60,7 +60,7 @@
     dLoss_dw5 = dLoss_dout*dout_dneto*dneto_dw5
     dLoss_dw6 = dLoss_dout*dout_dneto*dneto_dw6
     dLoss_db1 = (dLoss_dout*dout_dneto*dneto_douth1*douth1_dneth1*dneth1_db1
-                 + dLoss_dout*dout_dneto*dneto_douth1*douth2_dneth2*dneth2_db1)
+                 + dLoss_dout*dout_dneto*dneto_douth2*douth2_dneth2*dneth2_db1)
     dLoss_db2 = dLoss_dout*dout_dneto*dneto_db2
     return {"w1": dLoss_dw1, "w2": dLoss_dw2, "w3": dLoss_dw3, "w4": dLoss_dw4,
             "w5": dLoss_dw5, "w6": dLoss_dw6, "b1": dLoss_db1, "b2": dLoss_db2}
"""


def fix():
    edit = Edit(Span(63, 42, 63, 54), "dneto_douth1", "dneto_douth2")
    why = (
        "`dneto_douth1` is ∂neto/∂outh1 = w5: the path goes on through outh2 (`douth2_dneth2`), "
        "so ∂neto/∂outh2 = w6 belongs here"
    )
    return Fix(1, (edit,), DIFF, why, 5, "symbolic")


def alias_fix():
    edit = Edit(Span(63, 42, 63, 54), "dneto_douth1", "w6")
    return Fix(2, (edit,), DIFF.replace("dneto_douth2*douth2", "w6*douth2"), "", 5, "symbolic", True)


def suspects():
    """The line of the fault, one that could make up for it, and one that could not be tried."""
    first = "dLoss_db1 = (dLoss_dout*dout_dneto*dneto_douth1*douth1_dneth1*dneth1_db1 + ...)"
    why = "some value of it mends b1 and leaves the other 7 as they are"
    lines = (
        (1, 62, first, "possible", why),
        (2, 48, "dneth1_db1 = 1", "possible", "1.61 in its place mends b1: it goes into nothing else"),
        (3, 65, 'return {"w1": dLoss_dw1, ...}', "unknown", ""),
        (4, 34, "dLoss_dout = -(y - out)", "exonerated", "whatever it is, some other partial is wrong then"),
    )
    ends = {62: 63}
    return tuple(
        Suspect(rank, Span(n, 5, ends.get(n, n), 40), text, "grads", kind, words)
        for rank, n, text, kind, words in lines
    )


def diagnosis():
    return Diagnosis((discrepancy(),), (), suspects(), (fix(), alias_fix()), 19, 22)


def unmended_result():
    """The same fault where no change was found that mends it."""
    told = ("`dneto_db2` (line 46) is computed and never used",)
    return replace(wrong_result(), diagnosis=Diagnosis((), told, suspects(), (), 19, 22))


def two_faults():
    """Two lines to change, one of them new."""
    diff = """\
--- layers.py
+++ layers.py
@@ -3,6 +3,7 @@
 def grads(W, b):
     h = np.tanh(x @ W + b)
     d = 2 * (h - y)
-    d = d * h
+    d = d * (1 - h ** 2)
+    d /= len(x)
     return {"W": x.T @ d,
@@ -12,3 +13,3 @@
 def other(d):
-    return d.sum()
+    return d.sum(axis=0)
"""
    edits = (
        Edit(Span(6, 13, 6, 14), "h", "(1 - h ** 2)"),
        Edit(Span(7, 1, 7, 1), "", "    d /= len(x)\n"),
        Edit(Span(13, 18, 13, 18), "", "axis=0"),
    )
    return Fix(1, edits, diff, "the derivative of tanh is 1 − h²", 6)


def derivation(p=GENERIC):
    v = forward(p)
    paths = []
    for unit, weight in ((1, "w5"), (2, "w6")):
        net, out = f"neth{unit}", f"outh{unit}"
        factors = (
            Factor("Loss", "out", Sum((Name("out"), Negative(Name("y")))), v["out"] - Y),
            Factor("out", out, Name(weight), p[weight]),
            Factor(out, net, Product(slope(out)), v[out] * (1 - v[out])),
            Factor(net, "b1", Num("1"), 1.0),
        )
        paths.append(Path(("Loss", "out", out, net, "b1"), factors, math.prod(f.value for f in factors)))
    return Derivation("two_two_one.py", "Loss", "b1", definitions(p), tuple(paths), 2, (), gradient(p)["b1"])


def definitions(p=GENERIC):
    v = forward(p)

    def weighted(first, second, bias, a, b):
        return Sum((Product(names(first, a)), Product(names(second, b)), Name(bias)))

    def sigmoid(net):
        return Quotient(Num("1"), Sum((Num("1"), Call("exp", (Negative(Name(net)),)))))

    error = Sum((Name("y"), Negative(Name("out"))))
    formulas = {
        "neth1": weighted("w1", "w2", "b1", "x1", "x2"),
        "outh1": sigmoid("neth1"),
        "neth2": weighted("w3", "w4", "b1", "x1", "x2"),
        "outh2": sigmoid("neth2"),
        "out": weighted("w5", "w6", "b2", "outh1", "outh2"),
        "Loss": Quotient(Power(error, Num("2")), Num("2")),
    }
    return tuple(Definition(name, formula, v[name]) for name, formula in formulas.items())


def delta_derivation():
    """The same total by adjoints, as where too many paths exist."""
    v, whole = forward(GENERIC), derivation()
    d = v["out"] - Y
    s1, s2 = v["outh1"] * (1 - v["outh1"]), v["outh2"] * (1 - v["outh2"])
    deltas = (
        Definition("out", Sum((Name("out"), Negative(Name("y")))), d),
        Definition("neth1", Product((Partial("Loss", "out"), Name("w5"), *slope("outh1"))), d * GENERIC["w5"] * s1),
        Definition("neth2", Product((Partial("Loss", "out"), Name("w6"), *slope("outh2"))), d * GENERIC["w6"] * s2),
        Definition("b1", Sum((Partial("Loss", "neth1"), Partial("Loss", "neth2"))), gradient(GENERIC)["b1"]),
    )
    return Derivation("two_two_one.py", "Loss", "b1", whole.definitions, (), 1 << 40, deltas, whole.total)


def step_curve(p=GENERIC, wrong=True):
    truth = gradient(p)["b1"]
    steps = 2.0 ** -np.arange(0, 44)
    errors = [relative(central(p, "b1", h), truth) for h in steps]
    return StepCurve("b1", steps, errors, relative(gradient(p, wrong)["b1"], truth))


def blind_map():
    grid = np.linspace(-1, 1, 41)

    def error(w5, w6):
        p = {**GENERIC, "w5": w5, "w6": w6}
        return relative(gradient(p, True)["b1"], gradient(p)["b1"])

    errors = [[error(a, b) for a in grid] for b in grid]
    p, way = dict(GIVEN), []
    first = forward(p)["Loss"]
    for _ in range(200):
        way.append((p["w5"], p["w6"]))
        p = {name: p[name] - 0.002 * g for name, g in gradient(p, True).items()}
    return BlindMap(
        "b1", "w5", "w6", grid, grid, errors, (0.2, 0.2), (0.40, -0.55), way, 200, (first, forward(p)["Loss"]), 0.0
    )  # fmt: skip


def graph():
    """The net as `evidence` lays it out: a weight that is a local partial stands on its edge."""
    v, p = forward(GENERIC), GENERIC
    d = v["out"] - Y
    a1, a2 = d * p["w5"], d * p["w6"]
    s1, s2 = v["outh1"] * (1 - v["outh1"]), v["outh2"] * (1 - v["outh2"])
    nodes = (
        Node("x1", "input", 0, 0, X1, a1 * s1 * p["w1"] + a2 * s2 * p["w3"]),
        Node("b1", "parameter", 0, 1, p["b1"], gradient(p)["b1"], True),
        Node("x2", "input", 0, 2, X2, a1 * s1 * p["w2"] + a2 * s2 * p["w4"]),
        Node("neth1", "hidden", 1, 0, v["neth1"], a1 * s1),
        Node("neth2", "hidden", 1, 1, v["neth2"], a2 * s2),
        Node("outh1", "hidden", 2, 0, v["outh1"], a1),
        Node("outh2", "hidden", 2, 1, v["outh2"], a2),
        Node("b2", "parameter", 2, 2, p["b2"], d),
        Node("neto", "hidden", 3, 0, v["out"], d),
        Node("out", "hidden", 4, 0, v["out"], d),
        Node("y", "input", 4, 1, Y, -d),
        Node("Loss", "loss", 5, 0, v["Loss"], 1.0),
    )
    edges = (
        Edge("x1", "neth1", p["w1"], "w1"),
        Edge("x1", "neth2", p["w3"], "w3"),
        Edge("x2", "neth1", p["w2"], "w2"),
        Edge("x2", "neth2", p["w4"], "w4"),
        Edge("b1", "neth1", 1.0, ""),
        Edge("b1", "neth2", 1.0, ""),
        Edge("neth1", "outh1", s1, ""),
        Edge("neth2", "outh2", s2, ""),
        Edge("outh1", "neto", p["w5"], "w5", "twice"),
        Edge("outh2", "neto", p["w6"], "w6", "never"),
        Edge("b2", "neto", 1.0, ""),
        Edge("neto", "out", 1.0, ""),
        Edge("out", "Loss", d, ""),
        Edge("y", "Loss", -d, ""),
    )
    words = "b1 reaches the loss along two paths. Your sum goes through w5 twice and through w6 never."
    return Graph(nodes, edges, words)


def plain_graph():
    whole = graph()
    edges = tuple(Edge(e.source, e.target, e.partial, e.text) for e in whole.edges)
    nodes = tuple(Node(n.name, n.kind, n.column, n.row, n.value, n.adjoint) for n in whole.nodes)
    return Graph(nodes, edges, "every value with its adjoint; on every arrow the local partial")


def audit():
    return Audit(
        (
            PlantedKind("neighbour's value used (the b1 kind)", 32, 32, 8),
            PlantedKind("sign flipped", 8, 8, 8),
            PlantedKind("term dropped", 8, 8, 8),
            PlantedKind("twice the value", 8, 8, 8),
        )
    )


WHY = "w5 = w6: the two hidden units are the same, so the difference vanishes"


def wrong_result():
    """The source example with its b1 bug: blind at the given point, wrong at a generic one."""
    return Result(
        subject=Subject("two_two_one.py", "loss", "grads"),
        points=(
            point("given", GIVEN, True, ("w5 = w6: the two hidden units are the same", "w1 = w2 = w3 = w4")),
            point("generic", GENERIC, True),
        ),
        blind=True,
        why=WHY,
        audit=audit(),
        diagnosis=diagnosis(),
        derivations=(derivation(),),
        evidence=Evidence(step_curve(), blind_map(), graph()),
        notes=("exact and reverse mode come from tracing the file's own loss",),
        evaluations=Evaluations(1234, 5),
        seconds=0.41,
    )


def right_result():
    """The mended file: agrees at both points, the given one is degenerate all the same."""
    given = point("given", GIVEN, False, ("w5 = w6: the two hidden units are the same",))
    return Result(
        subject=Subject("two_two_one_mended.py", "loss", "grads"),
        points=(given, point("generic", GENERIC, False)),
        why="w5 = w6: the two hidden units are the same; faults that vanish there cannot show",
        audit=audit(),
        derivations=(derivation(),),
        evidence=Evidence(
            step_curve(wrong=False),
            None,
            plain_graph(),
        ),
        evaluations=Evaluations(900, 4),
        seconds=0.3,
    )


def undecided_result():
    """A loss in float32: too coarse to decide."""
    truth = gradient(GENERIC)
    coarse = {"bar": 1e-3, "grade": 1.0, "reason": Reason.RESOLUTION}
    some = tuple(
        scalar_verdict(name, truth[name], truth[name], exact=False, **(coarse if name == "b1" else {}))
        for name in NAMES
    )
    values = {name: np.array(number) for name, number in GENERIC.items()}
    missing = (
        ("exact", "no exact value: the loss could not be traced (line 12: float32)."),
        ("graph", "no graph: the loss could not be traced."),
        ("steps", "no curve of the step: no entry disagrees."),
    )
    given = CheckedPoint("given", 0, values, 2.5, some)
    return Result(Subject(None, "loss", "grads"), (given,), evidence=Evidence(missing=missing))


def array_result():
    """Arrays: one matrix of 30 x 40 with 3 wrong entries, a bias of the wrong shape, a parameter without a gradient."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(30, 40)).round(3) + 0.01
    yours = truth.copy()
    wrong = ((2, 3), (7, 1), (29, 39))
    for index in wrong:
        yours[index] *= 2
    grades = np.where(yours != truth, 2.0, 0.0)
    error = np.where(yours != truth, 0.5, 1e-15)
    full = np.full(truth.shape, 1e-12)
    matrix = Verdict("W1", yours, truth, full, error, full, grades, pattern="twice the true value")
    nan = np.full(3, np.nan)
    shape = Verdict(
        "b1", nan, np.ones(3), np.full(3, 1e-12), nan, np.full(3, 1e-12), np.full(3, 2.0), Reason.SHAPE,
        "b1 has shape (3,), its gradient (1, 3): flatten it",
    )  # fmt: skip
    missing = scalar_verdict("c", math.nan, 1.5, grade=2.0, reason=Reason.MISSING, exact=False)
    values = {"W1": truth, "b1": np.zeros(3), "c": np.array(1.0)}
    return Result(
        Subject("layers.py", "loss", "grads"),
        (CheckedPoint("given", 3, values, 0.25, (matrix, shape, missing), ("b1 is zero",)),),
    )
