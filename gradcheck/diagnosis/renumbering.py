"""A file run with other numbers for its named constants: a fix that is right by their values alone shows."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

from gradcheck.subject.cases import Case, Origin

# Every constant gets a smaller part of its own, so that no two stay in proportion and what is below 1 stays so. The
# fractional parts of multiples of the golden ratio are spread most evenly.
LEAST, SPREAD, GOLDEN = 0.8, 0.1, 0.6180339887498949


def renumbered_origin(case: Case, whole: bool) -> Origin | None:
    """Where the case with other constants comes from; None where it has no text, or the text no such constants.

    whole: whole numbers are changed as well, which may be sizes.
    """
    if case.origin is None or not any(_constants(ast.parse(case.origin.text), whole)):
        return None
    remake, parse = case.origin.remake, case.origin.parse

    def made(module: ModuleType) -> Case:
        return replace(remake(module), origin=origin)

    def parsed(text: str, filename: str) -> ast.Module:
        return renumbering(parse(text, filename), whole)

    origin = replace(case.origin, remake=made, parse=parsed)
    return origin


def renumbering(tree: ast.Module, whole: bool) -> ast.Module:
    """The tree with other numbers for the names that are given a number at its top, changed in place."""
    for place, constant in enumerate(_constants(tree, whole), start=1):
        assert isinstance(constant.value, int | float)
        constant.value = constant.value * (LEAST + SPREAD * (place * GOLDEN % 1))
    return tree


def _constants(tree: ast.Module, whole: bool) -> Iterator[ast.Constant]:
    """The numbers of `RATE = 0.1`, `A, B = 0.2, -3.0` at the top of a file."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and all(map(_is_named, statement.targets)):
            value = statement.value
            for part in value.elts if isinstance(value, ast.Tuple) else [value]:
                number = part.operand if isinstance(part, ast.UnaryOp) else part
                kinds = (int, float) if whole else (float,)
                if isinstance(number, ast.Constant) and type(number.value) in kinds:
                    yield number


def _is_named(target: ast.expr) -> bool:
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    return all(isinstance(part, ast.Name) for part in parts)
