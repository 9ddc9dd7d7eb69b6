"""Mistakes of names: copied from the neighbouring line, another layer's, another gate's, the sum for the activation."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from .sources import Change, Place

Changes = Iterator[list[Change]]
ATOMS = (ast.Name, ast.Constant, ast.Attribute)


def _atoms(node: ast.AST) -> list[ast.AST]:
    return [inner for inner in ast.walk(node) if isinstance(inner, ATOMS)]


def _label(atom: ast.AST) -> str:
    return str(getattr(atom, "id", None) or getattr(atom, "attr", None) or repr(getattr(atom, "value", None)))


def _form(node: ast.AST) -> str:
    """The shape of an expression, whatever its names and numbers."""
    return re.sub(r"(id|attr|value)='?[\w.]+'?(?=[,)])", "", ast.dump(node))


def copied_from_the_neighbour(place: Place) -> Changes:
    """The line above or below was copied, and one of its names not changed."""
    for step in (-1, 1):
        other = place.block[place.index + step] if 0 <= place.index + step < len(place.block) else None
        if place.value is None or getattr(other, "value", None) is None or _form(place.value) != _form(other.value):
            continue
        for mine, theirs in zip(_atoms(place.value), _atoms(other.value), strict=True):
            if _label(mine) != _label(theirs) and isinstance(mine, ast.Name | ast.Constant):
                yield [place.source.put(mine, place.source.of(theirs))]


def _reads(place: Place) -> Iterator[ast.Name]:
    return (node for node in place.inside(ast.Name) if isinstance(node.ctx, ast.Load))


def index_not_renamed(place: Place) -> Changes:
    """w6 for w5: the same stem, another number."""
    for node in _reads(place):
        stem = re.fullmatch(r"(.*?)(\d+)", node.id)
        for other in sorted(place.known if stem else ()):
            if re.fullmatch(re.escape(stem.group(1)) + r"\d+", other) and other != node.id:
                yield [place.source.put(node, other)]


def value_for_gradient(place: Place) -> Changes:
    """h for dh, dh for h."""
    for node in _reads(place):
        for other in (f"d{node.id}", f"d_{node.id}", node.id[1:] if node.id.startswith("d") else ""):
            if other and other in place.known:
                yield [place.source.put(node, other)]


def _activations(place: Place) -> set[tuple[str, str]]:
    """Pairs (a, z) with a = f(z) somewhere in the file."""
    found = set()
    for node in ast.walk(place.source.tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            names = [a for a in node.value.args if isinstance(a, ast.Name)]
            found |= {(node.targets[0].id, z.id) for z in names[:1]}
    return found


def sum_for_activation(place: Place) -> Changes:
    for a, z in sorted(_activations(place)):
        for node in _reads(place):
            if {a, z} <= place.known and node.id in (a, z):
                yield [place.source.put(node, z if node.id == a else a)]


def _together(place: Place) -> Iterator[list[ast.Name]]:
    """Names that are set by one unpacking in this function: a cache, a step of a tape."""
    for node in ast.walk(place.function):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Tuple):
            yield [name for name in ast.walk(target) if isinstance(name, ast.Name)]


def mixed_up_the_gates(place: Place) -> Changes:
    groups = [[name.id for name in group] for group in _together(place)]
    for node in _reads(place):
        for group in groups:
            if node.id in group:
                yield from ([place.source.put(node, other)] for other in group if other != node.id)


def unpacked_in_the_wrong_order(place: Place) -> Changes:
    statement = place.statement
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    if isinstance(target, ast.Tuple):
        for one, two in pairwise(target.elts):
            yield [place.source.put(one, place.source.of(two)), place.source.put(two, place.source.of(one))]


def swapped_return_entries(place: Place) -> Changes:
    value = place.value if isinstance(place.statement, ast.Return) else None
    entries = value.values if isinstance(value, ast.Dict) else value.elts if isinstance(value, ast.Tuple) else []
    if isinstance(value, ast.Call):
        entries = [keyword.value for keyword in value.keywords]
    for one, two in pairwise(entries):
        yield [place.source.put(one, place.source.of(two)), place.source.put(two, place.source.of(one))]


MISTAKES = (
    copied_from_the_neighbour,
    index_not_renamed,
    value_for_gradient,
    sum_for_activation,
    mixed_up_the_gates,
    unpacked_in_the_wrong_order,
    swapped_return_entries,
)
