"""A condition that the file asks elsewhere, put before statements that should wait for it, or taken away."""

import ast
from collections.abc import Iterator, Sequence

from gradcheck.diagnosis.candidates.order import indented, lines_of_all
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Source, Swap

# A condition that is missing is as far from what stands there as a statement that slipped out of it, and a step more.
COST = 1.6


def change_branches(
    source: Source, tree: ast.Module, function: ast.FunctionDef
) -> Iterator[tuple[ast.stmt, Candidate]]:
    """(the first statement meant, the candidate): statements of a function put under a condition, or freed from one.

    Conditions are those of the file's own branches whose names the function has; one statement waits for it, or all
    that follow in its block.
    """
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    tests = [test for test in tests_in(tree) if names_in(test) & names and names_in(test) <= names | _globals(tree)]
    for block, around in blocks_in(function, ()):
        for statement in block:
            if isinstance(statement, ast.If) and not statement.orelse:
                yield from _freed(source, statement, block)
        for test in tests:
            if ast.unparse(test) not in around:
                yield from _waiting(source, test, block, names_in(test) & names)


def tests_in(tree: ast.AST) -> list[ast.expr]:
    """What the branches of a file ask, each once."""
    found = (node.test for node in ast.walk(tree) if isinstance(node, ast.If | ast.IfExp))
    return list({ast.unparse(test): test for test in found}.values())


def names_in(node: ast.AST) -> set[str]:
    """The names that an expression reads."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def blocks_in(node: ast.AST, around: tuple[str, ...]) -> Iterator[tuple[list[ast.stmt], tuple[str, ...]]]:
    """(a block, the conditions around it) for every block of a function."""
    inner = (*around, ast.unparse(node.test)) if isinstance(node, ast.If) else around
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(block, list) and block:
            yield block, inner
            for statement in block:
                yield from blocks_in(statement, inner)


def _globals(tree: ast.Module) -> set[str]:
    stored = (one for one in tree.body if not isinstance(one, ast.FunctionDef | ast.ClassDef))
    return {node.id for one in stored for node in ast.walk(one) if isinstance(node, ast.Name)} | {"np", "len", "abs"}


def _waiting(
    source: Source, test: ast.expr, block: Sequence[ast.stmt], names: set[str]
) -> Iterator[tuple[ast.stmt, Candidate]]:
    """Every statement after the last that makes one of the names, alone and with all that follow."""
    made = [i for i, one in enumerate(block) if names & _stored(one)]
    for first in range(made[-1] + 1 if made else 0, len(block)):
        for end in dict.fromkeys((first + 1, len(block))):
            lines = lines_of_all(source, block[first:end], block)
            if lines is not None:
                column = block[first].col_offset
                swap = Swap(*lines, f"{' ' * column}if {ast.unparse(test)}:\n{indented(source, lines, 4)}")
                yield block[first], Candidate((swap,), COST, f"only if {ast.unparse(test)}")


def _freed(source: Source, branch: ast.If, block: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, Candidate]]:
    """The statements of a branch, whatever it asks."""
    lines = lines_of_all(source, branch.body, branch.body)
    start = source.lines[branch.lineno - 1]
    if lines is not None and not any(one is not branch and one.lineno == branch.lineno for one in block):
        moved = indented(source, lines, branch.col_offset - branch.body[0].col_offset)
        yield (
            branch.body[0],
            Candidate((Swap(start, lines[1], moved),), COST, f"whether or not {ast.unparse(branch.test)}"),
        )


def _stored(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
