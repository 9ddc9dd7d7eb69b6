"""What a script is taken for: its loss variable, its parameters, and the variables that hold their gradients."""

import ast
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradcheck.errors import SubjectError, UsageError
from gradcheck.subject.dataflow import LOOPS, SCOPES, reads, rebinds, writes
from gradcheck.subject.gradient_rows import keyed, rows_of
from gradcheck.subject.iterations import constants_of, find_iteration, main_block
from gradcheck.subject.loss_variables import assignments_of, find_loss
from gradcheck.subject.mapping import as_options, gradients_of, loss_rank, show_table
from gradcheck.subject.steps import updates_of


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
    rows, notes = rows_of(found, given, iteration)
    if any(row.unclear for row in rows):
        raise UsageError(
            f"{path} is read as a script, and which variable holds which gradient is not clear:\n{show_table(rows)}\n"
            f"say what is meant: gradcheck check {shlex.quote(path)} {as_options(rows)}"
        )
    if not rows:
        raise SubjectError(
            f"{path} is read as a script, but none of its variables is named after the "
            "gradient of one that is assigned at the top (dLoss_dw1, dw1, grad_w1 ...): give --map w1=NAME"
        )
    gradients = {row.parameter: keyed(row, iteration) for row in rows}
    variable = find_loss(iteration, gradients, path, loss)
    line = max(one.lineno for one in assignments_of(variable, iteration))
    return Plan(variable, line, gradients, movable, variables, iteration.line, tuple(notes))


def _named(block: Sequence[ast.stmt]) -> dict[str, list[str]]:
    """The variables assigned at the top after which others are named like gradients, with those."""
    plain = [statement for statement in block if not isinstance(statement, SCOPES) and not _is_function(statement)]
    computed = set(_computed(plain))
    losses = [name for name in computed if loss_rank(name) is not None]
    top = set().union(*map(rebinds, plain)) - set(losses)
    found = {name: names for name in sorted(top) if (names := gradients_of(name, computed, losses))}
    return {name: found[name] for name in sorted(constants_of(plain, found))}


def _is_function(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda)


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
