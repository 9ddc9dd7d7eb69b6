"""What one expression has that another has not, in words: factors, terms, signs, sums, transposes, gates."""

import ast
from collections.abc import Callable, Sequence

from gradcheck.diagnosis.array_reasons import ARRAY_READINGS, divided_by
from gradcheck.diagnosis.changes import factors_of, listed, same, text_of
from gradcheck.diagnosis.slopes import slope_of


def reason_of(old: ast.expr, new: ast.expr) -> str:
    """Why the new expression is right and the old one is not, by the first reading that fits; empty where none does."""
    return next((found for reading in READINGS if (found := reading(old, new))), "")


def _factors(old: ast.expr, new: ast.expr) -> str:
    """Factors that are missing or too many, or the derivative of another activation."""
    missing, extra = _beyond(factors_of(new), factors_of(old)), _beyond(factors_of(old), factors_of(new))
    right, wrong = slope_of(_product(missing)), slope_of(_product(extra))
    if right and wrong and right.name != wrong.name:
        return f"the derivative of {right.name} is {right.text}; {wrong.text} is that of {wrong.name}"
    if right and extra and not wrong and not isinstance(missing[0], ast.Compare):
        return f"the derivative of {right.name} is {right.text}, not {listed(extra)}"
    if bool(missing) == bool(extra):
        return ""
    slope = right or wrong
    factor = f"factor{'s' if len(missing or extra) > 1 else ''} {listed(missing or extra)}"
    told = f"the derivative of {slope.name}, {slope.text}," if slope else f"the {factor}"
    many = not slope and len(missing or extra) > 1
    return f"{told} {'are' if many else 'is'} {'missing' if missing else 'too much'}"


def _product(factors: Sequence[ast.expr]) -> ast.expr:
    """The factors as one product; 1 where there are none."""
    whole: ast.expr = ast.Constant(1)
    for place, factor in enumerate(factors):
        whole = ast.BinOp(whole, ast.Mult(), factor) if place else factor
    return whole


def _terms(old: ast.expr, new: ast.expr) -> str:
    """Terms that are missing, too many, or of the wrong sign."""
    before, after = _signed(old, 1), _signed(new, 1)
    missing = [pair for pair in after if not any(_alike(pair, other) for other in before)]
    extra = [pair for pair in before if not any(_alike(pair, other) for other in after)]
    turned = [term for sign, term in missing if any(sign == -other and same(term, one) for other, one in extra)]
    if turned and len(turned) == len(missing) == len(extra):
        whole = len(turned) == len(after)
        return "the sign is wrong" if whole else f"the sign of {listed(turned)} is wrong"
    if bool(missing) == bool(extra):
        return ""
    return f"the term {listed([term for _, term in missing or extra])} {'is missing' if missing else 'is too much'}"


def _divided(old: ast.expr, new: ast.expr) -> str:
    """Another value, and divided as well: both reasons."""
    if not isinstance(new, ast.BinOp) or not isinstance(new.op, ast.Div):
        return ""
    is_moved = any(same(factor, new.right) for factor in factors_of(old))  # p / q for p * q
    inner = "" if is_moved else reason_of(old, new.left)
    return f"{inner}; {divided_by(new)} is missing" if inner else ""


def _function(old: ast.expr, new: ast.expr) -> str:
    """np.cos for np.sin: the names alone."""
    if isinstance(old, ast.Attribute) and isinstance(new, ast.Attribute) and same(old.value, new.value):
        return f"`{new.attr}` belongs where `{old.attr}` stands"
    return ""


def _comparison(old: ast.expr, new: ast.expr) -> str:
    if isinstance(old, ast.Compare) and isinstance(new, ast.Compare):
        return f"the gate is open where `{text_of(new)}`, not where `{text_of(old)}`"
    return ""


def _operands(old: ast.expr, new: ast.expr) -> str:
    if not isinstance(old, ast.BinOp) or not isinstance(new, ast.BinOp) or type(old.op) is not type(new.op):
        return ""
    turned = same(old.left, new.right) and same(old.right, new.left)
    return f"the operands of `{text_of(old)}` are the wrong way round" if turned else ""


def _gate(old: ast.expr, new: ast.expr) -> str:
    """z > 0 where z stands."""
    if isinstance(new, ast.Compare) and same(new.left, old):
        return f"`{text_of(old)}` itself is no gate: `{text_of(new)}` is"
    return ""


def _power(old: ast.expr, new: ast.expr) -> str:
    for plain, raised, words in ((old, new, "must be"), (new, old, "must not be")):
        if isinstance(raised, ast.BinOp) and isinstance(raised.op, ast.Pow) and same(raised.left, plain):
            exponent = text_of(raised.right)
            named = {"2": "squared", "3": "cubed"}.get(exponent, f"raised to the power {exponent}")
            return f"`{text_of(plain)}` {words} {named}"
    return ""


def _number(old: ast.expr, new: ast.expr) -> str:
    if isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
        return f"the number is {text_of(new)}, not {text_of(old)}"
    return ""


READINGS: tuple[Callable[[ast.expr, ast.expr], str], ...] = (
    *(*ARRAY_READINGS, _gate, _power, _operands, _factors, _terms, _divided, _function, _comparison, _number),
)


def _signed(node: ast.expr, sign: int) -> list[tuple[int, ast.expr]]:
    """The terms of a sum, each with its sign."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return [*_signed(node.left, sign), *_signed(node.right, sign if isinstance(node.op, ast.Add) else -sign)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _signed(node.operand, -sign)
    return [(sign, node)]


def _alike(one: tuple[int, ast.expr], other: tuple[int, ast.expr]) -> bool:
    return one[0] == other[0] and same(one[1], other[1])


def _beyond(some: Sequence[ast.expr], others: Sequence[ast.expr]) -> list[ast.expr]:
    """Those of the one that the other has not, counted."""
    left = list(others)
    found = []
    for one in some:
        twin = next((other for other in left if same(one, other)), None)
        if twin is None:
            found.append(one)
        else:
            left.remove(twin)
    return found
