"""What an array expression has that another has not, in words: transposes, sums, means, axes, indices."""

import ast
from collections.abc import Callable

from gradcheck.diagnosis.changes import listed, same, text_of

# What a number of samples is called.
ROWS = ("N", "n", "m", "B", "batch", "batch_size", "num", "count")
REDUCTIONS = ("sum", "mean", "max", "min", "prod")


def keyword_reason(old: ast.keyword, new: ast.keyword) -> str:
    """The same for a keyword argument of a call."""
    if old.arg == new.arg == "axis":
        return f"it runs along axis {text_of(new.value)}, not along axis {text_of(old.value)}"
    return f"`{text_of(new)}` belongs where `{text_of(old)}` stands"


def _divisor(old: ast.expr, new: ast.expr) -> str:
    """A division by the number of samples or another number, left out or too much."""
    for less, more, verdict in ((old, new, "is missing"), (new, old, "is too much")):
        if isinstance(more, ast.BinOp) and isinstance(more.op, ast.Div) and same(more.left, less):
            return f"{divided_by(more)} {verdict}"
    return ""


def divided_by(quotient: ast.BinOp) -> str:
    """the division by `N`, for the mean,"""
    text = text_of(quotient.right)
    mean = text in ROWS or text.startswith("len(") or ".shape[" in text or text.endswith(".size")
    return f"the division by `{text}`{', for the mean,' if mean else ''}"


def _sizes(old: ast.expr, new: ast.expr) -> str:
    """One size of an array for another: its length, the number of its entries, that of an axis."""
    had, wanted = _size(old), _size(new)
    if not had or not wanted or had[0] != wanted[0]:
        return ""
    return f"`{text_of(new)}`, {wanted[1]}, belongs where `{text_of(old)}`, {had[1]}, stands"


def _size(node: ast.expr) -> tuple[str, str] | None:
    """(the array, which of its sizes): len(T), T.size, T.shape[1]; None for all else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
        array = text_of(node.args[0])
        return array, f"the number of {array}'s rows"
    if isinstance(node, ast.Attribute) and node.attr == "size":
        array = text_of(node.value)
        return array, f"that of all entries of {array}"
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        array = text_of(node.value.value)
        return array, f"the length of {array}'s axis {text_of(node.slice)}"
    return None


def _transpose(old: ast.expr, new: ast.expr) -> str:
    """Transposed, with its axes in another order, or the other way round."""
    for plain, turned, words in ((old, new, "must be"), (new, old, "must not be")):
        match turned:
            case ast.Attribute(inner, "T") if same(inner, plain):
                return f"`{text_of(plain)}` {words} transposed"
            case ast.Call(ast.Attribute(inner, "transpose"), [_, _, *_]) if same(inner, plain):
                axes = ", ".join(text_of(axis) for axis in turned.args)
                return f"the axes of `{text_of(plain)}` {words} put in the order {axes}"
            case ast.Subscript(inner) if same(inner, plain) and text_of(turned).endswith("::-1]"):
                index = text_of(turned).removeprefix(text_of(inner))
                return f"`{text_of(plain)}` {words} reversed" + (f", as by `{index}`" if index != "[::-1]" else "")
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
            return f"{listed(gained)} is missing in `{text_of(old)}`"
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


def _indices(old: ast.expr, new: ast.expr) -> str:
    """Two indices of one array, exchanged."""
    if not isinstance(old, ast.Subscript) or not isinstance(new, ast.Subscript) or not same(old.value, new.value):
        return ""
    had, wanted = old.slice, new.slice
    if not isinstance(had, ast.Tuple) or not isinstance(wanted, ast.Tuple) or len(had.elts) != 2:
        return ""
    turned = [text_of(one) for one in had.elts] == [text_of(one) for one in reversed(wanted.elts)]
    return f"the indices of `{text_of(old)}` are the wrong way round" if turned else ""


ARRAY_READINGS: tuple[Callable[[ast.expr, ast.expr], str], ...] = (_transpose, _indices, _sizes, _reduction, _divisor)
