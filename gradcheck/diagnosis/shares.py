"""What each scalar part of a loss is multiplied with in it: `LAM / n` for the pen of `return (rec + LAM * pen) / n`.

No backward pass gives that a name: it stands in every term of the penalty's gradient.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence

from gradcheck.diagnosis.candidates.places import MULTIPLIED, guarded

ONE = "1.0"


def shares_in(statements: Sequence[tuple[str, ast.expr]]) -> Mapping[str, str]:
    """By name, the derivative of a loss by it, as text; by the empty name that of what is returned.

    statements: (target, expression) of those of the loss function, in their order.
    """
    shares = {"": ONE}
    for target, expr in reversed(statements):
        if target in shares:
            for name, text in _handed_on(expr, shares[target]):
                shares.setdefault(name, text)
    return shares


def _handed_on(node: ast.expr, share: str) -> Iterator[tuple[str, str]]:
    """(name, what the loss changes by with it) of the terms of a sum, with their factors."""
    match node:
        case ast.Name(name):
            yield name, share
        case ast.UnaryOp(ast.USub(), inner):
            yield from _handed_on(inner, _turned(share))
        case ast.BinOp(left, ast.Add(), right):
            yield from (*_handed_on(left, share), *_handed_on(right, share))
        case ast.BinOp(left, ast.Sub(), right):
            yield from (*_handed_on(left, share), *_handed_on(right, _turned(share)))
        case ast.BinOp(left, ast.Mult(), right):
            yield from (*_handed_on(left, _times(share, right)), *_handed_on(right, _times(share, left)))
        case ast.BinOp(left, ast.Div(), right):
            yield from _handed_on(left, f"{_head(share)} / {guarded(ast.unparse(right), MULTIPLIED + 1)}")


def _times(share: str, factor: ast.expr) -> str:
    """A share times a factor, which comes first: `LAM / n` for 1 / n and LAM."""
    text = guarded(ast.unparse(factor), MULTIPLIED)
    if share in (ONE, f"-{ONE}"):
        return share.replace(ONE, text)
    return (
        f"{text}{share[1:]}"
        if share.startswith("1 /")
        else f"{guarded(share, MULTIPLIED)} * {guarded(text, MULTIPLIED + 1)}"
    )


def _head(share: str) -> str:
    return "1" if share == ONE else guarded(share, MULTIPLIED)


def _turned(share: str) -> str:
    return share[1:] if share.startswith("-") else f"-{guarded(share, MULTIPLIED)}"
