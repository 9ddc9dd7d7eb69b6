"""What a script lacks to be checked, as lines to add: the loss that is only implied, gradients that have no name."""

import ast
from collections.abc import Iterator, Sequence

from gradcheck.subject.dataflow import reads, writes
from gradcheck.subject.steps import Chain, chains_of
from gradcheck.subject.trainings import find_training
from gradcheck.subject.turns import loss_names


def recipe_for(path: str, text: str) -> str | None:
    """The sentence with the lines that make a script without a loss one that can be checked; None where none would.

    The lines were tried: with them its parameters and gradients are found.
    """
    tree = ast.parse(text)
    numpy = next((one.asname or one.name for one in _imports(tree) if one.name == "numpy"), None)
    for body, around in _loops(tree):
        steps = [one for one in body if _stepped(one)]
        loss = _loss_line(body, numpy) if numpy and steps and not loss_names(body, None) else None
        if loss is None:
            continue
        lines = [loss, *(line for one in steps if (line := _gradient_line(one, around)))]
        place, names = steps[0].lineno, {_stepped(one) for one in steps}
        changed = _inserted(text, place, steps[0].col_offset, lines)
        found = find_training(ast.parse(changed), path)
        if found is not None and set(found.gradients) == names:
            told = "\n".join(f"    {line}" for line in lines)
            return (
                f"{path} computes no loss, and without one no gradient can be checked: put these lines before line "
                f"{place} (the loss of a squared error, or the one that is meant):\n{told}"
            )
    return None


def _imports(tree: ast.Module) -> Iterator[ast.alias]:
    return (name for one in tree.body if isinstance(one, ast.Import) for name in one.names)


def _loops(tree: ast.Module) -> Iterator[tuple[Sequence[ast.stmt], set[str]]]:
    """(the statements of a loop, what is assigned outside of it), the innermost first."""
    chains = list(chains_of(tree.body, ()))
    loops: dict[int, Chain] = {id(chain[-1]): chain for chain, _ in chains if chain}
    for chain in sorted(loops.values(), key=len, reverse=True):
        inside = set(map(id, chain[-1].body))
        outside = set().union(
            *(writes(one) for other, one in chains if id(one) not in inside and other != chain), set()
        )
        yield chain[-1].body, outside


def _stepped(statement: ast.stmt) -> str | None:
    """The name that `w -= ...` and `w += ...` step."""
    if not isinstance(statement, ast.AugAssign) or not isinstance(statement.op, ast.Add | ast.Sub):
        return None
    is_count = isinstance(statement.value, ast.Constant)
    return statement.target.id if isinstance(statement.target, ast.Name) and not is_count else None


def _loss_line(body: Sequence[ast.stmt], numpy: str) -> str | None:
    """`loss = 0.5 * np.sum((y - out) ** 2)` of the first difference between what is made here and what is not."""
    made = set().union(*map(writes, body))
    for node in (node for one in body for node in ast.walk(one)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            sides = [reads(side) & made for side in (node.left, node.right)]
            is_plain = all(isinstance(side, ast.Name | ast.Subscript) for side in (node.left, node.right))
            if is_plain and sum(map(bool, sides)) == 1:
                return f"loss = 0.5 * {numpy}.sum(({ast.unparse(node)}) ** 2)"
    return None


def _gradient_line(statement: ast.stmt, outside: set[str]) -> str | None:
    """`dw = -x.T.dot(d)` of `w += rate * x.T.dot(d)`; None where the step is by a variable already."""
    assert isinstance(statement, ast.AugAssign)
    assert isinstance(statement.target, ast.Name)
    value = statement.value
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) and _is_rate(value.left, outside):
        value = value.right
    if isinstance(value, ast.Name):
        return None
    told = ast.unparse(value)
    told = f"({told})" if isinstance(value, ast.BinOp) else told
    sign = "-" if isinstance(statement.op, ast.Add) else ""
    return f"d{statement.target.id} = {sign}{told}"


def _is_rate(node: ast.expr, outside: set[str]) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in outside)


def _inserted(text: str, line: int, column: int, lines: Sequence[str]) -> str:
    """The text with lines before a line, indented like it."""
    rows = text.splitlines()
    start = rows[line - 1][:column]
    return "\n".join([*rows[: line - 1], *(start + one for one in lines), *rows[line - 1 :]]) + "\n"
