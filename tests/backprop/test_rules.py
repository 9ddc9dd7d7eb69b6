"""Every rule of every primitive, first and second order, against differences; and faults of one part in a million."""

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.structures import leaves_of
from gradcheck.backprop.transforms import gradient, hvp, jvp, value_and_gradient, vjp
from gradcheck.backprop.variables import apply


def _cases():
    """The cases of the file beside this one; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("rule_cases", Path(__file__).with_name("rule_cases.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks for its module
    spec.loader.exec_module(module)
    return module.CASES


CASES = _cases()

FAULT = 1e-6
# Central differences of order 6 at this step are off by 1e-11 of the largest slope.
STENCIL, WEIGHTS = np.array([-3, -2, -1, 1, 2, 3]), np.array([-1, 9, -45, 45, -9, 1]) / 60
STEP = 0.003
SAME = 1e-9
FLAT = {
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "bitwise_and", "bitwise_or", "bitwise_xor",
    "invert", "isfinite", "isnan", "isinf", "sign", "floor", "ceil", "rint", "trunc", "any", "all", "argmax", "argmin",
    "argsort",
}  # fmt: skip
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def places_of(case):
    """The places of the arguments that have a derivative here."""
    primitive = PRIMITIVES[case.name]
    rules = primitive.vjps * len(case.args) if primitive.variadic else primitive.vjps
    return [i for i, (a, rule) in enumerate(zip(case.args, rules, strict=True)) if rule and isinstance(a, np.ndarray)]


def moving(case):
    return [case.args[i] for i in places_of(case)]


def placed(case, leaves):
    found = list(case.args)
    for place, leaf in zip(places_of(case), leaves, strict=True):
        found[place] = leaf
    return apply(case.name, *found, **case.options)


def weights(shape, seed=0.5):
    return np.cos(1.3 * np.arange(np.prod(shape, dtype=int)) + seed).reshape(shape)


def scalar(case):
    """A real number with slopes and curvature: Re(conj(w)·y) + Σ v·|y|²/2."""

    def f(leaves):
        y = placed(case, leaves)
        plain = np.real(y) * weights(y.shape) + np.imag(y) * weights(y.shape, 0.1)
        return np.sum(plain + 0.5 * weights(y.shape, 2.0) * (np.real(y) ** 2 + np.imag(y) ** 2))

    return f


def directions(case, seed):
    return [
        weights(a.shape, seed + k) + (1j * weights(a.shape, seed + k + 7) if np.iscomplexobj(a) else 0)
        for k, a in enumerate(moving(case))
    ]


def along(case, f, move):
    """The derivative of f along a direction."""
    values = [f([a + STEP * k * u for a, u in zip(moving(case), move, strict=True)]) for k in STENCIL]
    return np.dot(WEIGHTS, values) / STEP


@cache
def truth(number):
    """dF/d(real) + i dF/d(imag) of every argument, entry by entry."""
    case = CASES[number]
    return by_entries(case, lambda move: along(case, scalar(case), move))


def by_entries(case, slope):
    found = []
    for k, a in enumerate(moving(case)):
        bar = np.zeros(a.shape, a.dtype)
        for index in np.ndindex(a.shape):
            for unit in (1, 1j) if np.iscomplexobj(a) else (1,):
                move = [np.zeros_like(other) for other in moving(case)]
                move[k][index] = unit
                bar[index] += unit * slope(move)
        found.append(bar)
    return found


def inner(a, b):
    """Re Σ conj(a)·b over all leaves."""
    return sum(float(np.sum(np.real(np.conj(x) * y))) for x, y in zip(leaves_of(a), leaves_of(b), strict=True))


def is_right(found, right):
    scale = max(np.abs(np.asarray(b)).max() for b in right)
    return all(np.abs(np.asarray(a) - b).max() <= SAME * scale for a, b in zip(found, right, strict=True))


def reverse(case):
    return gradient(scalar(case), (moving(case),))[0]


def forward(case):
    return [jvp(scalar(case), (moving(case),), (directions(case, 3.0),))[1]]


def reverse_of_reverse(case):
    u = directions(case, 3.0)

    def slope(leaves):
        bars = leaves_of(gradient(scalar(case), (leaves,)))
        parts = [np.sum(np.real(np.conj(a) * b)) for a, b in zip(u, bars, strict=True)]
        return sum(parts[1:], parts[0])

    return gradient(slope, (moving(case),))[0]


def forward_of_reverse(case):
    return hvp(scalar(case), (moving(case),), (directions(case, 3.0),))[0]


@cache
def slope_along(number):
    case = CASES[number]
    return [along(case, scalar(case), directions(case, 3.0))]


@cache
def curvature(number):
    """The slope of the gradient along a direction; the gradient itself is compared with differences."""
    case = CASES[number]
    total = [np.zeros_like(a) for a in moving(case)]
    for k, weight in zip(STENCIL, WEIGHTS, strict=True):
        there = [a + STEP * k * u for a, u in zip(moving(case), directions(case, 3.0), strict=True)]
        bars = gradient(scalar(case), (there,))[0]
        total = [sum_ + weight / STEP * bar for sum_, bar in zip(total, bars, strict=True)]
    return total


ROUTES = {
    "reverse": (reverse, truth),
    "forward": (forward, slope_along),
    "reverse of reverse": (reverse_of_reverse, curvature),
    "forward of reverse": (forward_of_reverse, curvature),
}


def agrees(case, route):
    make, right = ROUTES[route]
    return is_right(make(case), right(number_of(case)))


def number_of(case):
    return next(k for k, other in enumerate(CASES) if other is case)


def test_every_primitive_has_all_its_rules_and_a_case():
    for name, primitive in PRIMITIVES.items():
        assert len(primitive.vjps) == len(primitive.jvps), f"{name} has not as many JVP rules as VJP rules"
        pairs = zip(primitive.vjps, primitive.jvps, strict=True)
        assert all((a is None) == (b is None) for a, b in pairs), f"{name} has a rule in one direction only"
    missing = {name for name, primitive in PRIMITIVES.items() if not primitive.vjps} ^ FLAT
    assert not missing, f"without rules, or with unexpected ones: {missing}"
    assert {case.name for case in CASES} == set(PRIMITIVES) - FLAT


@pytest.mark.parametrize("route", ROUTES)
@every_case
def test_a_rule_agrees_with_differences(case, route):
    assert agrees(case, route)


@every_case
def test_forward_and_reverse_are_adjoint(case):
    """<y_bar, J·x_dot> = <Jᵀ·y_bar, x_dot>, to rounding."""
    f, x_dot = (lambda leaves: placed(case, leaves)), directions(case, 1.0)
    y, pullback = vjp(f, (moving(case),))
    y_bar = weights(np.shape(y), 0.9) + (1j * weights(np.shape(y), 1.9) if np.iscomplexobj(y) else 0)
    y_dot = jvp(f, (moving(case),), (x_dot,))[1]
    assert inner([y_bar], [y_dot]) == pytest.approx(inner(pullback(y_bar)[0], x_dot), rel=1e-12, abs=1e-13)


def planted(primitive, kind, place):
    rules = list(getattr(primitive, kind))
    rule = rules[place]
    rules[place] = lambda *args, **options: scaled(rule(*args, **options))
    return replace(primitive, **{kind: tuple(rules)})


def scaled(bar):
    return replace(bar, bar=bar.bar * (1 + FAULT)) if hasattr(bar, "index") else bar * (1 + FAULT)


FIRST_OF_A_KIND = list({case.name: case for case in reversed(CASES)}.values())
FAULTS = [
    (case, kind, place)
    for case in FIRST_OF_A_KIND
    for kind in ("vjps", "jvps")
    for place, rule in enumerate(getattr(PRIMITIVES[case.name], kind))
    if rule and (PRIMITIVES[case.name].variadic or place in places_of(case))
]


def test_a_fault_is_planted_in_every_rule_of_every_primitive():
    planted_in = {(case.name, kind, place) for case, kind, place in FAULTS}
    rules = {
        (name, kind, place)
        for name, primitive in PRIMITIVES.items()
        for kind in ("vjps", "jvps")
        for place, rule in enumerate(getattr(primitive, kind))
        if rule
    }
    assert planted_in == rules


@pytest.mark.parametrize(("case", "kind", "place"), FAULTS, ids=lambda part: str(part))
def test_a_fault_of_one_in_a_million_is_caught(case, kind, place, monkeypatch):
    routes = ("reverse", "reverse of reverse") if kind == "vjps" else ("forward", "forward of reverse")
    assert all(agrees(case, route) for route in routes)
    monkeypatch.setitem(PRIMITIVES, case.name, planted(PRIMITIVES[case.name], kind, place))
    assert not any(agrees(case, route) for route in routes)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_a_gradient_has_the_type_of_its_point(dtype):
    at = np.array([0.5, -0.25, 1.5]).astype(dtype)
    value, bar = value_and_gradient(lambda x: np.sum(np.abs(np.exp(x) * x) ** 2), at)
    assert bar.dtype == dtype
    assert value.dtype == np.abs(at).dtype


def test_the_log_of_a_sum_of_nothing_does_not_grow():
    """log(exp(a) + exp(b)) where a is -inf is b, where both are it is -inf: its slopes are shares of the sum."""
    a, b = np.array([-np.inf, -np.inf, 0.3]), np.array([-np.inf, 0.3, -np.inf])
    with np.errstate(all="ignore"):
        slopes = vjp(np.logaddexp, (a, b))[1](np.ones(3))
    assert [list(slope) for slope in slopes] == [[0, 0, 1], [0, 1, 0]]
