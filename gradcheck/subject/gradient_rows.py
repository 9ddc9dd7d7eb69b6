"""The table of a script: its parameters, and the variables that hold their gradients."""

import ast
from collections.abc import Collection, Mapping

from gradcheck.subject.dataflow import base_of, reads, writes
from gradcheck.subject.iterations import Iteration, part_for
from gradcheck.subject.loss_variables import assignments_of
from gradcheck.subject.mapping import Row, loss_rank, pairs_of
from gradcheck.subject.steps import updates_of

# Names of data: `dx` beside `x` may be its gradient, or a step, or meant for something else.
DATA = frozenset({"x", "X", "y", "Y", "t", "T", "target", "targets", "label", "labels", "input", "inputs", "data"})


def rows_of(
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


def keyed(row: Row, iteration: Iteration) -> str:
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
        for one in assignments_of(gradient, iteration)
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
