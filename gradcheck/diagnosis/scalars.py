"""The numbers that a factor can be named by: sizes, named constants, literals of the file."""

import ast
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.places import Place
from gradcheck.diagnosis.pools import Named, values_at

# (text, value, cost)
Scalar = tuple[str, float, float]
# A number by which the file multiplies nothing is less likely to be the factor that is missing.
# The more so the count of things in a list or a tuple: most often they are not alike.
UNTIED, COUNT = 0.1, 0.6
MODULES_PI = ("np.pi", "math.pi")


def scalars_at(
    moments: Sequence[Moment], pool: Sequence[Named], place: Place, tree: ast.Module, target: str | None = None
) -> list[Scalar]:
    """Numbers that have one value at all moments: cheapest the named ones, then sizes of what the expression reads.

    target: the variable that the expression goes to, of which sizes are as near.
    """
    reads = {node.id for node in ast.walk(place.expr) if isinstance(node, ast.Name)} | {target}
    factors = factors_in(tree)
    found: list[tuple[str, float]] = []
    for named in pool:
        if all(np.ndim(value) == 0 for value in named.values):
            far = COUNT if named.text.startswith("len(") else UNTIED
            found.append((named.text, named.cost + (0.0 if named.text in factors else far)))
        elif named.text.isidentifier():
            far = 0.1 if named.text in reads else 0.4
            sizes = [f"len({named.text})", *(f"{named.text}.shape[{i}]" for i in range(1, np.ndim(named.values[0])))]
            found += [(text, named.cost + far) for text in (*sizes, f"{named.text}.size")]
    found += [(text, 0.3) for text in MODULES_PI]
    found += [(text, 0.4) for text in literals_in(tree)]
    return [(text, value, cost) for text, cost in found if (value := _single(moments, text)) is not None]


@lru_cache(maxsize=64)
def factors_in(tree: ast.Module) -> frozenset[str]:
    """What a file multiplies or divides by, as text: `DT` rather than an N of the value 1 / DT."""
    products = (
        node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div)
    )
    return frozenset(ast.unparse(part) for node in products for part in (node.left, node.right))


@lru_cache(maxsize=64)
def literals_in(tree: ast.Module) -> tuple[str, ...]:
    """The numbers written in the functions and at the top of a file, but for the small ones that are everywhere."""
    nodes = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    numbers = {value for value in nodes if isinstance(value, int | float) and not isinstance(value, bool)}
    return tuple(repr(value) for value in sorted(numbers) if value not in (0, 1, 2, 3, 4, 0.5, 0.25))


def _single(moments: Sequence[Moment], text: str) -> float | None:
    """The one value of an expression at all moments."""
    values = values_at(moments, text)
    if not values or any(np.ndim(value) for value in values) or isinstance(values[0], bool):
        return None
    first = float(values[0])
    return first if first not in (0.0, 1.0) and all(float(value) == first for value in values) else None
