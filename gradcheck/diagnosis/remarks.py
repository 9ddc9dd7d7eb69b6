"""What else a look at a wrong backward pass shows: names that promise something else, values that nobody uses."""

import ast
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from gradcheck.diagnosis.unused import Function, unused_in
from gradcheck.program.programs import Program

if TYPE_CHECKING:
    from gradcheck.diagnosis.broken import Broken

# More would be a style check, and no finding.
SHOWN = 3


def remarks_on(
    tree: ast.Module, functions: Collection[str], program: Program | None, told: Collection[int]
) -> tuple[str, ...]:
    """Sentences on the functions of these qualified names and on the traced program, but for lines that are `told`."""
    broken = _broken_roles(program) if program is not None else ()
    lost = [one for function in _functions(tree, functions, "") for one in unused_in(function)]
    sentences = [one.words for one in broken if one.line not in told]
    sentences += [one.words for one in lost if one.line not in told]
    named = [f"line {line} " for line in told]
    sentences = [one for one in sentences if not any(line in f"{one} " for line in named)]
    return tuple(dict.fromkeys(sentences))[:SHOWN]


def has_unused(tree: ast.Module, functions: Collection[str]) -> bool:
    """Is anything computed in the functions of these qualified names that nobody reads?"""
    return any(unused_in(function) for function in _functions(tree, functions, ""))


def _functions(node: ast.AST, names: Collection[str], scope: str) -> Iterator[Function]:
    """The functions of these qualified names, outermost only: what is inside belongs to them."""
    for child in ast.iter_child_nodes(node):
        inner = f"{scope}.{child.name}".lstrip(".") if isinstance(child, ast.FunctionDef | ast.ClassDef) else scope
        if isinstance(child, ast.FunctionDef) and inner in names:
            yield child
        else:
            yield from _functions(child, names, inner)


def _broken_roles(program: Program) -> "tuple[Broken, ...]":
    from gradcheck.diagnosis.broken import broken_roles

    return broken_roles(program)
