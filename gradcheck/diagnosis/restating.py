"""Candidates that are more than another value of a right-hand side: they need the text to be run anew."""

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache

from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.candidates.branches import change_branches
from gradcheck.diagnosis.candidates.counterparts import counterparts
from gradcheck.diagnosis.candidates.heads import change_head
from gradcheck.diagnosis.candidates.indices import (
    change_target,
    factored_indices,
    other_indices,
    other_slices,
    parts_of,
)
from gradcheck.diagnosis.candidates.order import change_order
from gradcheck.diagnosis.candidates.places import Candidate, Place, place_at
from gradcheck.diagnosis.candidates.returns import change_return
from gradcheck.diagnosis.candidates.statements import change_statement, mirror, rename_indices
from gradcheck.diagnosis.candidates.unpacking import packed_in, unpack_otherwise
from gradcheck.diagnosis.edits import Source
from gradcheck.diagnosis.unused import unused_in

Family = Callable[[Place], Iterator[Candidate]]
# (function, statement meant, candidate)
Restatement = tuple[str, ast.stmt, Candidate]


def stored_otherwise(bench: Bench, source: Source, functions: Collection[str]) -> Iterator[Restatement]:
    """What is returned under another name, added instead of written over, kept or taken apart in another order."""
    parameters = list(bench.original.at.arrays)
    trees = [(name, node) for name in functions for node in functions_named(bench.tree, (name,))]
    for name, function in trees:
        if name == bench.original.subject.grad:
            yield from ((name, *found) for found in change_return(source, function, parameters))
    for name, function in trees:
        for inner in ast.walk(function):
            if isinstance(inner, ast.stmt):
                changes = (*change_statement(source, inner), *unpack_otherwise(source, inner, packed_in(bench.tree)))
                yield from ((name, inner, candidate) for candidate in changes)


def restated(
    bench: Bench, source: Source, functions: Collection[str], families: Sequence[Family]
) -> Iterator[Restatement]:
    """Other indices, heads and target indices, and another order of the statements, of these functions."""
    trees = [(name, node) for name in functions for node in functions_named(bench.tree, (name,))]
    for name, function in trees:
        names = names_like_indices(bench.tree, name)
        for inner in ast.walk(function):
            if isinstance(inner, ast.stmt):
                changes = (*rename_indices(source, inner, names), *mirror(source, inner))
                changes += tuple(counterparts(source, inner, names))
                yield from ((name, inner, candidate) for candidate in changes)
        for block in _blocks(function):
            yield from ((name, *found) for found in change_order(source, block))
    yield from _heads_and_indices(bench, source, functions, families)
    for name, function in trees:
        yield from ((name, *found) for found in change_branches(source, bench.tree, function))


def _heads_and_indices(
    bench: Bench, source: Source, functions: Collection[str], families: Sequence[Family]
) -> Iterator[Restatement]:
    numbers = whole_numbers_in(bench.tree)
    for site in bench.sites:
        if site.function not in functions or site.is_value:
            continue
        place = place_at(source, site.expr)
        for family in families:
            yield from ((site.function, site.statement, candidate) for candidate in family(place))
        if isinstance(site.statement, ast.For):
            yield from ((site.function, site.statement, candidate) for candidate in change_head(place))
        if site.kind == "index":
            names = names_like_indices(bench.tree, site.function)
            slices = slices_in(bench.tree)
            for found in (
                change_target(place),
                other_slices(place, slices),
                other_indices(place, names),
                factored_indices(place, numbers),
            ):
                yield from ((site.function, site.statement, candidate) for candidate in found)


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for inner in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(inner, field, None)
            if isinstance(block, list):
                yield block


def whole_numbers_in(tree: ast.Module) -> list[str]:
    """Names of the whole numbers that the file gives a name at its top."""
    return [
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for names, values in [(statement.targets[0], statement.value)]
        for target, value in _matched(names, values)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and type(value.value) is int
    ]


@lru_cache(maxsize=64)
def names_like_indices(tree: ast.Module, function: str) -> tuple[str, ...]:
    """Names that a function uses as an index, or in one, and those that it makes and never uses."""
    nodes = functions_named(tree, (function,))
    parts = (part for node in nodes for index in subscripts_in(node) for part in ast.walk(index))
    used = {part.id for part in parts if isinstance(part, ast.Name)}
    return tuple(sorted(used | {one.name for node in nodes for one in unused_in(node) if one.kind == "unread"}))


@lru_cache(maxsize=16)
def slices_in(tree: ast.Module) -> tuple[str, ...]:
    """The slices with a bound that a file takes, as text: a forward pass tells where its parts stand."""
    slices = (
        ast.unparse(part)
        for index in subscripts_in(tree)
        for part in parts_of(index)
        if isinstance(part, ast.Slice) and (part.lower or part.upper)
    )
    return tuple(dict.fromkeys(slices))


@lru_cache(maxsize=64)
def brackets_in(tree: ast.Module, function: str) -> tuple[tuple[str, int], ...]:
    """(text, axes) of what stands between the brackets in a function, where it is computed from any name."""
    found = (
        index
        for node in functions_named(tree, (function,))
        for index in subscripts_in(node)
        if any(isinstance(part, ast.Name) for part in ast.walk(index))
    )
    told = (
        (text[1:-1] if isinstance(index, ast.Tuple) else text, index)
        for index in found
        for text in [ast.unparse(index)]
    )
    return tuple(dict.fromkeys((text, len(parts_of(index))) for text, index in told))


def subscripts_in(node: ast.AST) -> Iterator[ast.expr]:
    """What stands between the brackets of every subscript."""
    return (part.slice for part in ast.walk(node) if isinstance(part, ast.Subscript))


def _matched(names: ast.expr, values: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(names, ast.Tuple) and isinstance(values, ast.Tuple) and len(names.elts) == len(values.elts):
        return list(zip(names.elts, values.elts, strict=True))
    return [(names, values)]


def functions_named(tree: ast.Module, functions: Collection[str]) -> list[ast.FunctionDef]:
    """The functions of a file that go by the last part of these qualified names."""
    names = {function.rpartition(".")[2] for function in functions}
    return [node for node in _functions_in(tree) if node.name in names]


@lru_cache(maxsize=8)
def _functions_in(tree: ast.Module) -> tuple[ast.FunctionDef, ...]:
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
