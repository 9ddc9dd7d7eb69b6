"""The whole derivative of the loss by one variable of the forward pass: over every statement that reads it.

For `h = g * s * u` and `s = sigmoid(g)` what comes back to g is the sum of two paths, and a person who knows dh writes
both: `dh * u * s + dh * g * u * s * (1 - s)`. What has no name on the way is derived in its turn.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import reduce

from gradcheck.diagnosis.benches import Bench, Moment
from gradcheck.diagnosis.derived import Forward, in_scope, kinds_in, result_of, shape_at, statements_of
from gradcheck.diagnosis.pools import Named, values_at
from gradcheck.diagnosis.pullbacks import filled, pull_back
from gradcheck.diagnosis.roles import role_of_target
from gradcheck.diagnosis.workplaces import Workplace

# What is derived for a name that says what it is; each path more costs a little.
WHOLE, PATH = 0.3, 0.1
# So many variables without a name in the backward pass may lie on a path, so many paths are added up.
DEPTH, PATHS = 3, 6


def totals_at(bench: Bench, workplace: Workplace, forward: Collection[int]) -> list[Named]:
    """The derivative that a site's name promises, by the statements of each function that reads that variable.

    forward: numbers of the sites that the loss depends on.
    """
    target, found = workplace.angel.site.target, list[Named]()
    groups: dict[str, list[Forward]] = {}
    for statement in (one for one in statements_of(bench, frozenset(forward)) if not one.is_part):
        groups.setdefault(statement.function, []).append(statement)
    for group in groups.values():
        names = {name for one in group for name in _names(one.expr)}
        role = role_of_target(target, names) if target else None
        if role is None or role.of is not None:
            continue
        try:
            paths = list(_paths(role.by, group, workplace, (target or "",)))
        except Exception:  # whatever the expressions raise where they do not belong
            continue
        if 0 < len(paths) <= PATHS:
            text = ast.unparse(reduce(_plus, paths))
            values = values_at(workplace.moments, text)
            found += [] if values is None else [Named(text, values, WHOLE + PATH * len(paths))]
    return found


def _paths(by: str, group: Sequence[Forward], workplace: Workplace, above: tuple[str, ...]) -> Iterator[ast.expr]:
    """What comes back to a variable from every statement of its function that reads it; raises what cannot be had."""
    first = workplace.moments[0]
    for statement in group:
        if by not in _names(statement.expr) or statement.target == by:
            continue
        expr = in_scope(statement, first)
        if expr is None or len(above) > DEPTH:
            raise ValueError
        cotangent = _cotangent(statement, expr, group, workplace, above)
        result, kinds = result_of(statement, expr, workplace.moments), kinds_in(first, expr)
        for read, back in pull_back(expr, cotangent, result, lambda node: shape_at(first, node), kinds):
            if read == by:
                yield back


def _cotangent(
    statement: Forward, expr: ast.expr, group: Sequence[Forward], workplace: Workplace, above: tuple[str, ...]
) -> ast.expr:
    """The name in scope that is the derivative by what the statement makes, or else its own paths."""
    first, shape = workplace.moments[0], shape_at(workplace.moments[0], expr)
    for name in _in_order(first, above):
        role = role_of_target(name, {statement.target}) if statement.target else None
        is_meant = role is not None and role.of is None
        if is_meant and shape_at(first, ast.Name(name, ast.Load())) == shape:
            return ast.Name(name, ast.Load())
    paths = list(_paths(statement.target, group, workplace, (*above, statement.target))) if statement.target else []
    if not paths:
        raise ValueError
    return reduce(_plus, paths)


def _in_order(moment: Moment, without: Collection[str]) -> list[str]:
    return [name for name, value in moment.names.items() if name not in without and hasattr(value, "shape")]


def _plus(one: ast.expr, other: ast.expr) -> ast.expr:
    return filled("a + b", a=one, b=other)


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
