"""Random expressions of one number: for floats, and with their partial for many digits (mpmath, forward mode)."""

import math

import numpy as np
from mpmath import mp

# A sum of two doubles, 1e308 and 1e-308, is exact in so many digits; with 60 sin(4e248 - x) lost its x, and so did
# log(tanh(359)).
DIGITS = 640
UNARY = ["sin", "cos", "exp", "log", "tanh", "atan", "sqrt", "square"]
BINARY = ["add", "sub", "mul", "div"]
# Beyond this mpmath would compute powers with exponents of astronomical size; no double comes near.
LARGEST = mp.mpf(10) ** 400


def draw(r, depth):
    """A nested tuple: ("x",), ("number", c), (unary, tree) or (binary, tree, tree)."""
    if depth == 0 or r.random() < 0.1:
        return ("x",) if r.random() < 0.6 else ("number", float(r.choice([-1, 1]) * 10 ** r.uniform(-3, 3)))
    if r.random() < 0.5:
        return (str(r.choice(UNARY)), draw(r, depth - 1))
    return (str(r.choice(BINARY)), draw(r, depth - 1), draw(r, depth - 1))


def names_x(tree):
    return tree[0] == "x" or any(names_x(branch) for branch in tree[1:] if isinstance(branch, tuple))


FLOAT = {name: getattr(math, name) for name in UNARY if name != "square"} | {
    "square": lambda a: a * a,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


def of_float(tree, x):
    if tree[0] == "x":
        return x
    if tree[0] == "number":
        return tree[1]
    return FLOAT[tree[0]](*(of_float(branch, x) for branch in tree[1:]))


def folded(tree):
    """The tree with what holds no x computed in double: a number, as the double program has it.

    Else mpmath's cos(7.1 * 158.9) is that of another constant. Raises where the number is out of the domain.
    """
    if not names_x(tree):
        return ("number", of_float(tree, 0.0))
    return (tree[0], *(folded(branch) for branch in tree[1:]))


SLOPES = {
    "sin": lambda a, f: mp.cos(a),
    "cos": lambda a, f: -mp.sin(a),
    "exp": lambda a, f: f,
    "log": lambda a, f: 1 / a,
    "tanh": lambda a, f: mp.sech(a) ** 2,
    "atan": lambda a, f: 1 / (1 + a * a),
    "sqrt": lambda a, f: 1 / (2 * f),
    "square": lambda a, f: 2 * a,
}


def exactly(tree, x):
    """(value, partial) at DIGITS digits. Raises ArithmeticError or ValueError where the double would too."""
    if tree[0] == "x":
        return mp.mpf(x), mp.mpf(1)
    if tree[0] == "number":
        return mp.mpf(tree[1]), mp.mpf(0)
    parts = [exactly(branch, x) for branch in tree[1:]]
    found = _one(tree[0], *parts[0]) if len(parts) == 1 else _two(tree[0], *parts[0], *parts[1])
    if any(isinstance(number, mp.mpc) or not abs(number) < LARGEST for number in found):
        raise ArithmeticError(tree[0])
    return found


def _one(name, a, da):
    if name == "exp" and abs(a) > 800:
        raise ArithmeticError(name)
    f = a * a if name == "square" else getattr(mp, name)(a)
    return f, SLOPES[name](a, f) * da


def _two(name, a, da, b, db):
    if name == "add":
        return a + b, da + db
    if name == "sub":
        return a - b, da - db
    return (a * b, da * b + a * db) if name == "mul" else (a / b, (da - a / b * db) / b)


def is_settled(tree, x, partial):
    """Does the double x settle the partial to one digit? Of cos(y) - y, y = exp(exp(x)) = 1e17, it does not: a quarter
    of one rounding of x turns the cosine 1e4 times, and none of it is left in the doubles of the loss."""
    with mp.workdps(DIGITS):
        beside = mp.mpf(x) + mp.mpf(math.ulp(x)) / 4
        return bool(abs(exactly(tree, beside)[1] - mp.mpf(partial)) <= abs(mp.mpf(partial)) / 10)


def expressions(seed, count):
    """`count` times (tree, x, f in double, f exactly, partial exactly), where the double is finite."""
    r, found = np.random.default_rng(seed), 0
    with mp.workdps(DIGITS):
        while found < count:
            tree, x = draw(r, int(r.integers(2, 6))), float(r.standard_normal() * 10 ** r.uniform(-2, 2))
            if not names_x(tree):
                continue
            try:
                tree = folded(tree)
                got = of_float(tree, x)
                exact, partial = (float(number) for number in exactly(tree, x))
            except (ArithmeticError, ValueError):
                continue
            if np.isfinite([got, exact, partial]).all():
                found += 1
                yield tree, x, got, exact, partial
