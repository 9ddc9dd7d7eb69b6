"""What a change means in the expression around it: an activation's derivative, a sum or mean along an axis, a power."""

import ast
from collections.abc import Callable, Iterator, Mapping

from gradcheck.diagnosis.changes import Change, same, text_of
from gradcheck.diagnosis.slopes import slope_of

# What the text of an activation's own value looks like; of a value that is made otherwise nothing is said.
MADE_BY = {"tanh": ("tanh",), "the sigmoid": ("exp", "sigm", "expit", "logistic")}


def enclosing_reason(change: Change, assigned: Mapping[str, str]) -> str:
    """The reason for the change of an expression by what stands around it; empty where that says nothing."""
    if not isinstance(change.old, ast.expr) or not isinstance(change.new, ast.expr):
        return ""
    around = list(_around(change))
    return next((found for reading in READINGS if (found := reading(change, around, assigned))), "")


Around = list[tuple[ast.expr, ast.expr]]


def _around(change: Change) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(old, new) expressions that hold the change, the nearest first; the change itself is none of them."""
    held = [node for node in ast.walk(change.after) if isinstance(node, ast.expr) and node is not change.new]
    inner = [node for node in held if any(part is change.new for part in ast.walk(node))]
    twins = [node for node in ast.walk(change.before) if isinstance(node, ast.expr) and node is not change.old]
    outer = [node for node in twins if any(part is change.old for part in ast.walk(node))]
    yield from zip(reversed(outer), reversed(inner), strict=False)


def _slope(change: Change, around: Around, assigned: Mapping[str, str]) -> str:
    """1 - h with its h squared is the derivative of tanh."""
    for old, new in around:
        right, wrong = slope_of(new), slope_of(old)
        if right is None:
            continue
        made = assigned.get(right.of, "")
        is_made = not made or right.name not in MADE_BY or any(word in made for word in MADE_BY[right.name])
        if not is_made or (wrong is not None and wrong.name == right.name):
            return ""
        return f"the derivative of {right.name} is {right.text}, not `{text_of(old)}`"
    return ""


def _reduction(change: Change, around: Around, assigned: Mapping[str, str]) -> str:
    """A mean where a sum belongs, or the other way round."""
    old, new = change.old, change.new
    if not isinstance(old, ast.Attribute) or not isinstance(new, ast.Attribute) or not same(old.value, new.value):
        return ""
    call = next((outer for _, outer in around if isinstance(outer, ast.Call) and outer.func is new), None)
    keywords = call.keywords if call else []
    axis = next((text_of(one.value) for one in keywords if one.arg == "axis"), "")
    size = f"the length of axis {axis}" if axis else "the number of entries"
    if (old.attr, new.attr) == ("mean", "sum"):
        return f"a sum belongs here: the mean divides by {size}"
    if (old.attr, new.attr) == ("sum", "mean"):
        return f"a mean belongs here: the sum is not divided by {size}"
    return ""


def _exponent(change: Change, around: Around, assigned: Mapping[str, str]) -> str:
    outer = around[0][1] if around else None
    if isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Pow) and outer.right is change.new:
        return f"the exponent is {text_of(change.new)}, not {text_of(change.old)}"
    return ""


READINGS: tuple[Callable[[Change, Around, Mapping[str, str]], str], ...] = (_slope, _reduction, _exponent)
