"""What a script is taken for: its loss variable, its parameters, and the variables that hold their gradients."""

import ast
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradcheck.errors import SubjectError, UsageError
from gradcheck.subject.dataflow import LOOPS, SCOPES, base_of, reads, rebinds, writes
from gradcheck.subject.iterations import (
    Iteration,
    constants_of,
    find_iteration,
    helpers_in,
    main_block,
    part_for,
    updates_of,
)
from gradcheck.subject.mapping import (
    ERRORS,
    Row,
    as_options,
    gradients_of,
    is_residual,
    loss_rank,
    pairs_of,
    show_table,
)

# Names of data: `dx` beside `x` may be its gradient, or a step, or meant for something else.
DATA = frozenset({"x", "X", "y", "Y", "t", "T", "target", "targets", "label", "labels", "input", "inputs", "data"})


@dataclass(frozen=True, slots=True)
class Plan:
    """loss: the variable, last assigned on `loss_line`; gradients: parameter -> variable or expression.

    movable: all names that may be parameters; variables: all that may hold a gradient; by both the iteration is found.
    line: of its loop. notes: what was left out, and why.
    """

    loss: str
    loss_line: int
    gradients: Mapping[str, str]
    movable: frozenset[str]
    variables: frozenset[str]
    line: int | None
    notes: tuple[str, ...] = ()


def has_gradients(block: Sequence[ast.stmt]) -> bool:
    """Does any variable carry the name of a gradient of one that is assigned at the top?"""
    return bool(_named(block))


def has_training(block: Sequence[ast.stmt]) -> bool:
    """Is there a loop, or anything named like a loss, or stepped downhill?"""
    assigned = set().union(*(writes(statement) for statement in block if not isinstance(statement, SCOPES)))
    loops = any(isinstance(statement, LOOPS) for statement in block)
    return loops or any(loss_rank(name) is not None for name in assigned) or bool(_stepped(block))


def plan_script(tree: ast.Module, path: str, loss: str | None = None, given: Mapping[str, str] | None = None) -> Plan:
    """The plan of a script; `loss` and `given` (parameter -> variable or expression) are the user's own words.

    Raises SubjectError where there is no loss, no gradient, or where it is not clear which is which: the sentence holds
    the table as far as it could be guessed, and the options that would settle it.
    """
    given, block = dict(given or {}), main_block(tree)
    found = {name: names for name, names in _named(block).items() if name not in given}
    _refuse_strangers(path, block, given)
    movable = frozenset({*found, *given} or _stepped(block))
    variables = frozenset(_variables(found, given, block))
    iteration = find_iteration(block, movable, variables)
    rows, notes = _rows(found, given, iteration)
    if any(row.unclear for row in rows):
        raise UsageError(
            f"{path} is read as a script, and which variable holds which gradient is not clear:\n{show_table(rows)}\n"
            f"say what is meant: gradcheck check {shlex.quote(path)} {as_options(rows)}"
        )
    if not rows:
        raise SubjectError(
            f"{path} defines no loss function and is read as a script, but none of its variables is named after the "
            "gradient of one that is assigned at the top (dLoss_dw1, dw1, grad_w1 ...): give --map w1=NAME"
        )
    gradients = {row.parameter: _keyed(row, iteration) for row in rows}
    variable = _find_loss(iteration, gradients, path, loss)
    line = max(one.lineno for one in _assignments_of(variable, iteration))
    return Plan(variable, line, gradients, movable, variables, iteration.line, tuple(notes))


def _named(block: Sequence[ast.stmt]) -> dict[str, list[str]]:
    """The variables assigned at the top after which others are named like gradients, with those."""
    plain = [statement for statement in block if not isinstance(statement, SCOPES)]
    computed = set(_computed(plain))
    losses = [name for name in computed if loss_rank(name) is not None]
    top = set().union(*map(rebinds, plain)) - set(losses)
    found = {name: names for name in sorted(top) if (names := gradients_of(name, computed, losses))}
    return {name: found[name] for name in sorted(constants_of(plain, found))}


def _stepped(block: Sequence[ast.stmt]) -> set[str]:
    """The constants of which a loop subtracts something that is computed."""
    top = set().union(*(rebinds(statement) for statement in block))
    return {name for name, value, minus, _ in updates_of(block) if minus and name in top and reads(value) - {name}}


def _computed(block: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that are assigned in a loop, or more than once, or from other names: no plain constants."""
    seen: set[str] = set()
    for statement in block:
        written = writes(statement)
        yield from written if isinstance(statement, LOOPS) or reads(statement) else written & seen
        seen |= written


def _refuse_strangers(path: str, block: Sequence[ast.stmt], given: Mapping[str, str]) -> None:
    assigned = set().union(*(writes(statement) for statement in block))
    for name, gradient in given.items():
        for one in (name, *sorted(reads(ast.parse(gradient)) - assigned)):
            if one not in assigned:
                raise UsageError(
                    f"--map {name}={gradient}: {path} assigns no {one}: give the names as they stand there"
                )


def _variables(found: Mapping[str, list[str]], given: Mapping[str, str], block: Sequence[ast.stmt]) -> set[str]:
    """All variables that may hold a gradient."""
    computed = set(_computed([statement for statement in block if not isinstance(statement, SCOPES)]))
    named = set().union(*found.values())
    return named.union(*(reads(ast.parse(gradient)) & computed for gradient in given.values()))


def _rows(
    found: Mapping[str, list[str]], given: Mapping[str, str], iteration: Iteration
) -> tuple[list[Row], list[str]]:
    """The table, in the order of the setup, and notes on what is left out of it."""
    made = set().union(*map(writes, iteration.body))
    steps = {name: (value, minus) for name, value, minus, _ in updates_of(iteration.body)}
    moved = {name for name in found if name in made}
    rows, notes = [Row(name, (gradient,)) for name, gradient in given.items()], list[str]()
    for name, options in found.items():
        here = tuple(one for one in options if one in made)
        clear = name in moved or _is_pair(name, here, made) or (not moved and name not in DATA)
        if here and clear:
            rows.append(_row(name, here, steps.get(name), iteration))
        elif here:
            notes.append(f"{name} is taken for data: --map {name}={here[0]} has {here[0]} checked as its gradient")
    named = {row.parameter for row in rows}
    for name, (value, minus) in steps.items():
        if minus and name not in named and reads(value) & made and _goes_into_loss(name, iteration, {*named, *steps}):
            rows.append(_by_update(name, value, made))
    return sorted(rows, key=lambda row: _place(row.parameter, iteration)), notes


def _goes_into_loss(name: str, iteration: Iteration, parameters: Collection[str]) -> bool:
    """Is it there before the iteration, and does anything that is named like a loss depend on it?"""
    losses = {one for one in set().union(*map(writes, iteration.body)) if loss_rank(one) is not None}
    return name in set().union(*map(writes, iteration.setup)) & part_for(iteration.body, losses, parameters)[1]


def _row(name: str, options: tuple[str, ...], step: tuple[ast.expr, bool] | None, iteration: Iteration) -> Row:
    """One parameter with the variables named after its gradient; its update says which is meant, and how."""
    if step is not None:
        value, minus = step
        directly, before = (
            tuple(o for o in options if o in names) for names in (reads(value), _reached(value, iteration))
        )
        options = directly or before or options
        if len(options) == 1:
            scaled = _scaled(value, options[0])
            if scaled:
                return Row(name, (options[0], scaled), f"its update uses {scaled}")
            if not minus and options[0] in {getattr(one, "id", None) for one, _ in _factors(value)}:
                return Row(name, (options[0], f"-{options[0]}"), "its update adds it: is it the gradient, or the step?")
    return Row(name, options, "both are there" if len(options) > 1 else None)


def _by_update(name: str, value: ast.expr, made: set[str]) -> Row:
    """A parameter that is updated by something with no name of its own."""
    factors = [one for one, divides in _factors(value) if not divides and reads(one) & made]
    guess = tuple(ast.unparse(one) for one in factors[:1])
    return Row(name, guess, "no variable is named after its gradient; this is what its update uses")


def _keyed(row: Row, iteration: Iteration) -> str:
    """The gradient of a parameter; of a dict of them whose gradients are `grads["dW1"]`, under the names in it."""
    gradient = row.gradients[0]
    keys = {
        node.slice.value
        for statement in iteration.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and base_of(node) == gradient
    }
    keys |= {
        key.value
        for one in _assignments_of(gradient, iteration)
        if isinstance(one.value, ast.Dict)
        for key in one.value.keys
        if isinstance(key, ast.Constant)
    }
    if keys and all(isinstance(key, str) and key.startswith("d") for key in keys):
        return f"{{k: {gradient}['d' + k] for k in {row.parameter}}}"
    return gradient


def _reached(value: ast.expr, iteration: Iteration) -> set[str]:
    """The names in an update, and those that they were made of in one statement (`w_new = w - lr*dw; w = w_new`)."""
    names = reads(value)
    one_back = (reads(s) for s in iteration.body if isinstance(s, ast.Assign) and writes(s) & names)
    return names.union(*one_back)


def _scaled(value: ast.expr, gradient: str) -> str | None:
    """`dw/n` where an update divides by more than it is stepped by; None where it does not."""
    factors = _factors(value)
    if not any(isinstance(one, ast.Name) and one.id == gradient for one, _ in factors):
        return None
    divisors = [ast.unparse(one) for one, divides in factors if divides]
    return "/".join((gradient, *divisors)) if divisors else None


def _factors(value: ast.expr, divides: bool = False) -> list[tuple[ast.expr, bool]]:
    """(factor, does it divide) of a product."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Div):
        right = divides != isinstance(value.op, ast.Div)
        return [*_factors(value.left, divides), *_factors(value.right, right)]
    return [(value, divides)]


def _is_pair(name: str, options: Collection[str], made: Collection[str]) -> bool:
    """Does a variable's name say whose derivative it is, too?"""
    losses = [one for one in made if loss_rank(one) is not None]
    return any(form in options for form, _ in pairs_of(name, losses))


def _place(name: str, iteration: Iteration) -> tuple[int, int]:
    """Where a name is first assigned."""
    nodes = (node for statement in iteration.setup for node in ast.walk(statement) if isinstance(node, ast.Name))
    places = ((node.lineno, node.col_offset) for node in nodes if node.id == name and isinstance(node.ctx, ast.Store))
    return min(places, default=(0, 0))


def _find_loss(iteration: Iteration, gradients: Mapping[str, str], path: str, wanted: str | None) -> str:
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
    values = [one.value for one in _assignments_of(name, iteration) if one.value is not None]
    if not values or (loss_rank(name) == ERRORS and all(map(is_residual, values))):
        return False
    body = [*helpers_in(iteration, gradients), *iteration.body]
    return bool(part_for(body, {name}, gradients)[1] & set(gradients))


def _assignments_of(name: str, iteration: Iteration) -> list[ast.Assign | ast.AugAssign | ast.AnnAssign]:
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
