"""What one expression has that another has not, in words: factors, terms, signs, sums, transposes, gates."""

import ast
from collections.abc import Callable, Sequence

from gradcheck.diagnosis.changes import factors_of, same
from gradcheck.diagnosis.slopes import slope_of

# What a number of samples is called.
ROWS = ("N", "n", "m", "B", "batch", "batch_size", "num", "count")
REDUCTIONS = ("sum", "mean", "max", "min", "prod")


def reason_of(old: ast.expr, new: ast.expr) -> str:
    """Why the new expression is right and the old one is not, by the first reading that fits; empty where none does."""
    return next((found for reading in READINGS if (found := reading(old, new))), "")


def keyword_reason(old: ast.keyword, new: ast.keyword) -> str:
    """The same for a keyword argument of a call."""
    if old.arg == new.arg == "axis":
        return f"it runs along axis {text_of(new.value)}, not along axis {text_of(old.value)}"
    return f"`{text_of(new)}` belongs where `{text_of(old)}` stands"


def text_of(node: ast.AST | None) -> str:
    """The node as code; empty where there is none."""
    return "" if node is None else ast.unparse(node)


def _factors(old: ast.expr, new: ast.expr) -> str:
    """Factors that are missing or too many, or the derivative of another activation."""
    missing, extra = _beyond(factors_of(new), factors_of(old)), _beyond(factors_of(old), factors_of(new))
    right, wrong = slope_of(_product(missing)), slope_of(_product(extra))
    if right and wrong and right.name != wrong.name:
        return f"the derivative of {right.name} is {right.text}; {wrong.text} is that of {wrong.name}"
    if bool(missing) == bool(extra):
        return ""
    slope = right or wrong
    factor = f"factor{'s' if len(missing or extra) > 1 else ''} {_listed(missing or extra)}"
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
        return "the sign is wrong" if whole else f"the sign of {_listed(turned)} is wrong"
    if bool(missing) == bool(extra):
        return ""
    return f"the term {_listed([term for _, term in missing or extra])} {'is missing' if missing else 'is too much'}"


def _divisor(old: ast.expr, new: ast.expr) -> str:
    """A division by the number of samples or another number, left out or too much."""
    for less, more, verdict in ((old, new, "is missing"), (new, old, "is too much")):
        if isinstance(more, ast.BinOp) and isinstance(more.op, ast.Div) and same(more.left, less):
            text = text_of(more.right)
            mean = text in ROWS or text.startswith("len(") or ".shape[" in text
            return f"the division by {text}{', for the mean,' if mean else ''} {verdict}"
    return ""


def _transpose(old: ast.expr, new: ast.expr) -> str:
    for plain, turned, words in ((old, new, "must be transposed"), (new, old, "must not be transposed")):
        if isinstance(turned, ast.Attribute) and turned.attr == "T" and same(turned.value, plain):
            return f"`{text_of(plain)}` {words}"
    return ""


def _reduction(old: ast.expr, new: ast.expr) -> str:
    """A sum, mean or the like around a value, or along another axis."""
    for inner, outer, verdict in ((old, new, "is missing"), (new, old, "is too much")):
        name = _reduced(outer, inner)
        if name:
            return f"the {name} of `{text_of(inner)}`{_along(outer)} {verdict}"
    if isinstance(old, ast.Call) and isinstance(new, ast.Call) and same(old.func, new.func):
        gained = [one for one in new.keywords if not any(same(one, other) for other in old.keywords)]
        if gained and len(new.keywords) > len(old.keywords):
            return f"{_listed(gained)} is missing in `{text_of(old)}`"
    return ""


def _reduced(outer: ast.expr, inner: ast.expr) -> str:
    """The reduction that `outer` is of `inner`: x.sum(axis=0), np.sum(x); empty where it is none."""
    if (
        not isinstance(outer, ast.Call)
        or not isinstance(outer.func, ast.Attribute)
        or outer.func.attr not in REDUCTIONS
    ):
        return ""
    of = outer.args[0] if outer.args and not same(outer.func.value, inner) else outer.func.value
    return outer.func.attr if same(of, inner) else ""


def _along(call: ast.expr) -> str:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    axis = next((text_of(one.value) for one in keywords if one.arg == "axis"), None)
    return f" over axis {axis}" if axis else ""


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


def _number(old: ast.expr, new: ast.expr) -> str:
    if isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
        return f"the number is {text_of(new)}, not {text_of(old)}"
    return ""


READINGS: tuple[Callable[[ast.expr, ast.expr], str], ...] = (
    *(_transpose, _reduction, _operands, _divisor, _factors, _terms, _function, _comparison, _number),
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


def _listed(nodes: Sequence[ast.AST]) -> str:
    return " and ".join(f"`{text_of(node)}`" for node in nodes)
