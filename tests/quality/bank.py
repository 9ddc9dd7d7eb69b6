"""Functions of one number, written once for floats and for mpmath, with the points they are tried at.

Each is f(m, x): m is `math` or mpmath. `fault` is the smallest relative fault that must always show: 1e-6, or more
where f itself has fewer digits (an offset, cancellation, float32 inside, noise).
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from mpmath import mp

NAMES = ["exp", "log", "sin", "cos", "tanh", "sqrt", "atan", "sinh", "log1p", "erf"]
FLOAT = SimpleNamespace(
    **{name: getattr(math, name) for name in [*NAMES, "lgamma"]},
    single=lambda x: float(np.float32(x)),
    noise=lambda x, size: size * (hash((x, 7)) % 2001 - 1000) / 1000,
)
EXACT = SimpleNamespace(
    **{name: getattr(mp, name) for name in NAMES},
    lgamma=mp.loggamma,
    single=lambda x: x,
    noise=lambda x, size: 0,
)


def normal(r):
    return r.standard_normal()


def positive(r):
    return 10.0 ** r.uniform(-8, 8)


@dataclass(frozen=True)
class Function:
    name: str
    f: object
    draw: object = field(default=normal)
    fault: float = 1e-6

    def __call__(self, x):
        return float(self.f(FLOAT, x))

    def exact(self, x):
        """f at 90 digits."""
        with mp.workdps(90):
            return float(self.f(EXACT, mp.mpf(x)))

    def truth(self, x):
        """The partial at 50 digits, from a difference with a step of 1e-25 (its truncation is below 1e-40)."""
        with mp.workdps(90):
            at, h = mp.mpf(x), mp.mpf(10) ** -25 * max(abs(mp.mpf(x)), mp.mpf(10) ** -9)
            return float((self.f(EXACT, at + h) - self.f(EXACT, at - h)) / (2 * h))


def net(m, x, activation, sizes=(2, 3, 3, 1)):
    """Half the squared error of a small net with fixed short-decimal weights; x is one weight of its first layer."""
    values = [0.7, -1.3]
    for layer, (inputs, units) in enumerate(pairwise(sizes)):
        rows = [[0.37 + 0.21 * u - 0.83 * i + 0.11 * layer for i in range(inputs)] for u in range(units)]
        rows[0][0] = x if layer == 0 else rows[0][0]
        sums = [sum(w * v for w, v in zip(row, values, strict=True)) + 0.05 for row in rows]
        values = [activation(z) for z in sums] if layer < len(sizes) - 2 else sums
    return (values[0] - 0.4) ** 2 / 2


def relu(z):
    return z if z > 0 else 0 * z


def near(corner):
    """Points 1e-10 to 1e-2 beside a corner."""
    return lambda r: corner + float(r.choice([-1, 1])) * 10.0 ** r.uniform(-10, -2)


BANK = [
    Function("cubic", lambda m, x: x**3 - 2 * x + 1),
    Function("degree_nine", lambda m, x: ((x**2 - 1) ** 4 + 0.5) * x),
    Function("exp", lambda m, x: m.exp(x)),
    Function("steep_exp", lambda m, x: m.exp(20 * x)),
    Function("sin", lambda m, x: m.sin(x) + 0.5 * x),
    Function("fast_sin", lambda m, x: m.sin(30 * x) + 40 * x),
    Function("gauss", lambda m, x: m.exp(-x * x) + x),
    Function("runge", lambda m, x: 1 / (1 + 25 * x * x) + 10 * x),
    Function("rosenbrock", lambda m, x: (1 - x) ** 2 + 100 * (0.3 - x * x) ** 2 + 1000 * x),
    Function("rational", lambda m, x: x / (2 + x * x) + x),
    Function("atan", lambda m, x: m.atan(3 * x)),
    Function("erf", lambda m, x: x * (1 + m.erf(x / 1.4142135)) / 2 + x),
    Function("lgamma", lambda m, x: m.lgamma(x + 3), lambda r: r.uniform(0, 5)),
    Function("softplus", lambda m, x: m.log1p(m.exp(x))),
    Function("logsumexp", lambda m, x: m.log(m.exp(x) + m.exp(0.5) + m.exp(-2 * x)) + x),
    Function("log", lambda m, x: m.log(x), positive, 1e-5),
    Function("sqrt", lambda m, x: m.sqrt(x), positive),
    Function("tanh_net", lambda m, x: net(m, x, m.tanh) + x),
    Function("deep_net", lambda m, x: net(m, x, m.tanh, (2, 3, 3, 3, 3, 1)) + x),
    Function("relu_net", lambda m, x: net(m, x, relu) + x),
    Function("beside_a_corner", lambda m, x: relu(x - 0.3) + m.sin(x), near(0.3), 1e-3),
    Function("in_a_corner_squared", lambda m, x: relu(x - 0.3) ** 2 + x, near(0.3)),
    Function("offset", lambda m, x: 1e6 + m.sin(x) + 2 * x, fault=1e-4),
    Function("offset_net", lambda m, x: 1e6 + net(m, x, m.tanh) + x, fault=1e-4),
    Function("large_parameter", lambda m, x: m.sin(x / 1e8) + x / 1e8, lambda r: 1e8 * r.standard_normal()),
    Function("small_parameter", lambda m, x: m.exp(1e9 * x), lambda r: 1e-9 * r.standard_normal()),
    Function("tiny_partial", lambda m, x: 1e-9 * (m.sin(x) + 2 * x)),
    Function("tiny_beside_one", lambda m, x: 1 + 1e-6 * (m.sin(x) + 2 * x), fault=1e-4),
    Function("cancelled", lambda m, x: (1e8 + m.sin(x) + 2 * x) - 1e8, fault=1e-2),
    Function("huge", lambda m, x: 1e200 * (m.tanh(x) + x)),
    Function("subnormal", lambda m, x: 1e-310 * (m.tanh(x) + x), fault=1e-3),
    Function("single_inside", lambda m, x: m.single(m.sin(m.single(x)) + 2 * m.single(x)), fault=3e-2),
    Function("sinh", lambda m, x: m.sinh(x) + x),
    Function("sharp_gauss", lambda m, x: m.exp(-((30 * (x - 0.2)) ** 2)) + 50 * x),
    Function("swish", lambda m, x: x / (1 + m.exp(-x)) + x),
    Function("power", lambda m, x: m.exp(2.5 * m.log(x)), positive, 1e-5),
    Function("beside_a_pole", lambda m, x: 1 / (x - 0.3), near(0.3), 1e-3),
    Function("ill_scaled", lambda m, x: 1e7 * (x - 1) ** 2 + 1e-3 * x, lambda r: 1 + r.standard_normal(), 1e-4),
    Function("product", lambda m, x: x * m.sin(x) * m.exp(-x) + 3 * x),
    Function("far_out", lambda m, x: x**3, lambda r: float(10.0 ** r.uniform(20, 90)), 1e-5),
    Function("chirp", lambda m, x: m.sin(x**3) + 60 * x),
    Function("softmax_share", lambda m, x: m.exp(x) / (m.exp(x) + m.exp(0.3) + 1) + x),
    Function("cauchy", lambda m, x: m.log(1 + (x - 1) ** 2) + 2 * x),
    Function("noise", lambda m, x: m.sin(x) + 2 * x + m.noise(x, 1e-9), fault=1e-4),
]
