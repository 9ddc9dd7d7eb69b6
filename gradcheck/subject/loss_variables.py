"""Which variable of a script is its loss."""

import ast
from collections.abc import Mapping

from gradcheck.errors import SubjectError, UsageError
from gradcheck.subject.dataflow import writes
from gradcheck.subject.iterations import Iteration, helpers_in, part_for
from gradcheck.subject.mapping import ERRORS, is_residual, loss_rank, pairs_of


def find_loss(iteration: Iteration, gradients: Mapping[str, str], path: str, wanted: str | None) -> str:
    """The loss variable: the given one, else what the gradients' names call it, else the likeliest name."""
    made = set().union(*map(writes, iteration.body))
    if wanted is not None:
        if wanted not in made:
            raise UsageError(f"{path}, read as a script, computes no {wanted}: give the variable that holds the loss")
        return wanted
    names = [name for name in sorted(made) if loss_rank(name) is not None and _is_loss(name, iteration, gradients)]
    told = [name for name in names if any(_says(gradient, name, p) for p, gradient in gradients.items())]
    best = min((loss_rank(name) or 0 for name in names), default=0)
    likely = told or [name for name in names if loss_rank(name) == best]
    last = [name for name in likely if set(likely) <= _made_for(name, iteration, gradients) | {name}]
    if not names:
        raise SubjectError(
            f"{path} is read as a script, and none of its variables is named like a loss that its parameters "
            f"({', '.join(gradients)}) go into (Loss, L, E, cost, J, error ...): give --loss NAME"
        )
    if len(likely) > 1 and len(last) != 1:
        raise UsageError(f"{path} is read as a script, and {' or '.join(likely)} may be its loss: give --loss NAME")
    return (last or likely)[0]


def _is_loss(name: str, iteration: Iteration, gradients: Mapping[str, str]) -> bool:
    """Is it assigned a value that the parameters go into, and no plain difference?"""
    values = [one.value for one in assignments_of(name, iteration) if one.value is not None]
    if not values or (loss_rank(name) == ERRORS and all(map(is_residual, values))):
        return False
    body = [*helpers_in(iteration, gradients), *iteration.body]
    return bool(part_for(body, {name}, gradients)[1] & set(gradients))


def assignments_of(name: str, iteration: Iteration) -> list[ast.Assign | ast.AugAssign | ast.AnnAssign]:
    """The statements of an iteration that give a name a value."""
    nodes = [node for statement in iteration.body for node in ast.walk(statement)]
    found = [node for node in nodes if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)]
    return [one for one in found if name in _stored_by(one)]


def _stored_by(statement: ast.Assign | ast.AugAssign | ast.AnnAssign) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [one for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return {one.id for one in names if isinstance(one.ctx, ast.Store)}


def _says(gradient: str, loss: str, parameter: str) -> bool:
    return any(form == gradient for form, of in pairs_of(parameter, (loss,)) if of == loss)


def _made_for(name: str, iteration: Iteration, gradients: Mapping[str, str]) -> set[str]:
    """All names that are assigned on the way to one."""
    return set().union(*map(writes, part_for(iteration.body, {name}, gradients)[0]))
