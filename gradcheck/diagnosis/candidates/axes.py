"""A transpose too many or too few, another axis, kept dimensions, a mean for a sum."""

import ast
from collections.abc import Iterator

from gradcheck.diagnosis.candidates.places import ATOM, Candidate, Place, guarded, operands, replaced, text_of
from gradcheck.diagnosis.edits import Swap, stretch

REDUCTIONS = ("sum", "mean", "max", "min", "prod")
# Of a pair, each may have been written for the other.
TWINS = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax"}
FUNCTIONS = {
    "sin": ("cos",), "cos": ("sin",), "sinh": ("cosh",), "cosh": ("sinh",), "tanh": ("cosh", "arctan"),
    "exp": ("log", "expm1"),
    "log": ("log1p", "exp"), "expm1": ("exp",), "log1p": ("log",), "sqrt": ("square",), "maximum": ("minimum",),
    "minimum": ("maximum",), "zeros_like": ("ones_like",), "ones_like": ("zeros_like",), "cumsum": ("cumprod",),
    "vstack": ("hstack",), "hstack": ("vstack",), "abs": ("sign",), "sign": ("abs",),
    "convolve": ("correlate",), "correlate": ("convolve",), "tril": ("triu",), "triu": ("tril",), "repeat": ("tile",),
    "tile": ("repeat",),
}  # fmt: skip
AXES = ("0", "1", "-1")
# What a statement only hands on was rather made wrong where it was made.
HANDED_ON = 1.6


def change_axes(place: Place) -> Iterator[Candidate]:
    """Candidates that change which axis is meant, or the function that runs along it."""
    for node in operands(place):
        yield from _transposes(place, node)
        if isinstance(node, ast.Call):
            yield from _other_functions(place, node)
            yield from _other_axes(place, node)
            yield from _transposed_axes(place, node)


def _transposes(place: Place, node: ast.expr) -> Iterator[Candidate]:
    text = text_of(place, node)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield replaced(place, node, text_of(place, node.value), 1.0, f"{text_of(place, node.value)} not transposed")
    elif not isinstance(node, ast.Constant | ast.Tuple | ast.List | ast.Compare):
        is_name = isinstance(node, ast.Name | ast.Subscript | ast.Attribute)
        cost = 1.0 if is_name != (node is place.expr) else HANDED_ON if is_name else 1.3
        yield replaced(place, node, f"{guarded(text, ATOM)}.T", cost, f"{text} transposed")


def _transposed_axes(place: Place, node: ast.Call) -> Iterator[Candidate]:
    """transpose(0, 2, 1) and swapaxes: left away."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("transpose", "swapaxes"):
        inner = (
            node.args[0] if isinstance(node.func.value, ast.Name) and node.func.value.id == "np" else node.func.value
        )
        yield replaced(place, node, text_of(place, inner), 1.0, f"{text_of(place, inner)} not transposed")


def _other_functions(place: Place, node: ast.Call) -> Iterator[Candidate]:
    if not isinstance(node.func, ast.Attribute):
        return
    name, (_, end) = node.func.attr, stretch(place.source, node.func)
    for other in (*FUNCTIONS.get(name, ()), *([TWINS[name]] if name in TWINS else [])):
        yield Candidate((Swap(end - len(name), end, other),), 1.2, f"{other} for {name}")
    if name in REDUCTIONS and isinstance(node.func.value, ast.expr):
        module = isinstance(node.func.value, ast.Name) and node.func.value.id == "np" and bool(node.args)
        inner = node.args[0] if module else node.func.value
        yield replaced(place, node, text_of(place, inner), 1.4, f"without {name}")


def _other_axes(place: Place, node: ast.Call) -> Iterator[Candidate]:
    for keyword in node.keywords:
        start, end = stretch(place.source, keyword.value)
        old = place.source.text[start:end]
        if keyword.arg == "axis":
            for new in (*AXES, *(("2", "-2") if old in ("2", "-2") else ()), "None"):
                if new != old:
                    yield Candidate((Swap(start, end, new),), 1.0 if new != "None" else 1.3, f"axis={new}")
        if keyword.arg == "keepdims":
            yield Candidate((Swap(start, end, "False" if old == "True" else "True"),), 1.0, "keepdims")
    yield from _axis_by_place(place, node)
    named = {keyword.arg for keyword in node.keywords}
    if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS:
        if "axis" in named and "keepdims" not in named:
            yield _more(place, node, "keepdims=True", 1.0)
        elif not named and len(node.args) <= 1:
            yield from (_more(place, node, f"axis={axis}", 1.2) for axis in AXES)
            yield from (_more(place, node, f"axis={axis}, keepdims=True", 1.4) for axis in AXES)


def _axis_by_place(place: Place, node: ast.Call) -> Iterator[Candidate]:
    """x.sum(0) and np.sum(x, 0)."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in (*REDUCTIONS, "argmax", "argmin", "cumsum"):
        for argument in node.args:
            old = text_of(place, argument)
            if old in AXES:
                start, end = stretch(place.source, argument)
                yield from (Candidate((Swap(start, end, new),), 1.0, f"axis {new}") for new in AXES if new != old)


def _more(place: Place, node: ast.Call, argument: str, cost: float) -> Candidate:
    """One argument more, before the closing bracket."""
    end = stretch(place.source, node)[1] - 1
    some = bool(node.args or node.keywords)
    return Candidate((Swap(end, end, f", {argument}" if some else argument),), cost, argument)
