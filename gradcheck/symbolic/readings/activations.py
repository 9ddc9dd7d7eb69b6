"""Every activation as a formula in its pre-activation."""

from collections.abc import Callable

import sympy

from gradcheck.network.tables import ELU_HEIGHT, LEAKY_SLOPE

# The decimals of the papers, not the doubles next to them: they differ by less than one rounding.
SLOPE = sympy.Rational(str(LEAKY_SLOPE))
HEIGHT = sympy.Rational(str(ELU_HEIGHT))

ACTIVATION_RULES: dict[str, Callable[[sympy.Expr], sympy.Expr]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
    "tanh": sympy.tanh,
    "relu": lambda z: sympy.Max(0, z),
    "leaky_relu": lambda z: sympy.Piecewise((z, z > 0), (SLOPE * z, True)),
    "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    "elu": lambda z: sympy.Piecewise((z, z > 0), (HEIGHT * (sympy.exp(z) - 1), True)),
    "gelu": lambda z: z / 2 * (1 + sympy.erf(z / sympy.sqrt(2))),
    "silu": lambda z: z / (1 + sympy.exp(-z)),
}


def sigmoid(z: sympy.Expr) -> sympy.Expr:
    """1/(1 + exp(-z)): what a gate is."""
    return ACTIVATION_RULES["sigmoid"](z)
