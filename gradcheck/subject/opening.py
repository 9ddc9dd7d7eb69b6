"""A script's statements with the calls opened that do its training: `main()`, `nn_model(X, Y)`, `net.train(X, y)`."""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.subject.dataflow import writes
from gradcheck.subject.iterations import main_block
from gradcheck.subject.mapping import loss_rank
from gradcheck.subject.steps import blocks_of, chains_of

# A function that trains may stand in one that trains, and so on.
DEEP = 4


@dataclass(frozen=True, eq=False)
class Called:
    """A function of the file that a statement calls; owner: what its first argument stands for, of a method."""

    function: ast.FunctionDef
    call: ast.Call
    owner: ast.expr | None


def opened(tree: ast.Module, loss: str | None = None) -> list[ast.stmt]:
    """The statements of a script; where none of them is a loss, those of the function that trains in its call's place.

    loss: the name of the loss variable, if it is known. What is opened is defined no longer: every statement is there
    once.
    """
    block = main_block(tree)
    for _ in range(DEEP):
        if any(_is_loss(one, loss) for one in block):
            break
        calls = ((place, _trains(one, block, loss)) for place, one in reversed(list(enumerate(block))))
        place, called = next(((place, one) for place, one in calls if one is not None), (0, None))
        if called is None:
            break
        parts = [*_bound(called), *copy.deepcopy(_plain(called.function))]
        before, after = (
            [_without(one, called.function) for one in part] for part in (block[:place], block[place + 1 :])
        )
        block = [one for one in (*before, *parts, *after) if one is not None]
    return block


def _is_loss(statement: ast.stmt, loss: str | None) -> bool:
    """Does it, or a statement in it outside of functions, assign the loss?"""
    names = set().union(*(writes(one) for _, one in chains_of([statement], ())), set())
    return loss in names if loss else any(loss_rank(name) is not None for name in names)


def _trains(statement: ast.stmt, block: Sequence[ast.stmt], loss: str | None) -> Called | None:
    """The function that a statement calls, where a loss is assigned in that, or in one that it calls in turn."""
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Assign | ast.Expr) or not isinstance(value, ast.Call):
        return None
    called = _called(value, block)
    if called is None or not _fits(called) or _returns_early(called.function):
        return None
    inside = _plain(called.function)
    is_last = any(_is_loss(one, loss) for one in inside) or any(_trains(one, [*block, *inside], loss) for one in inside)
    is_number = isinstance(statement, ast.Assign) and not _has_loop(called.function)  # cost = compute_cost(A, Y)
    return called if is_last and not is_number else None


def _called(call: ast.Call, block: Sequence[ast.stmt]) -> Called | None:
    """The function of the file that a call means; a method by its name alone, where only one class has it."""
    if isinstance(call.func, ast.Name):
        named = [one for one in block if isinstance(one, ast.FunctionDef) and one.name == call.func.id]
        return Called(named[-1], call, None) if named else None
    if not isinstance(call.func, ast.Attribute):
        return None
    methods = [
        one
        for kind in block
        if isinstance(kind, ast.ClassDef)
        for one in kind.body
        if isinstance(one, ast.FunctionDef) and one.name == call.func.attr and not one.decorator_list
    ]
    return Called(methods[0], call, call.func.value) if len(methods) == 1 else None


def _fits(called: Called) -> bool:
    """Can the arguments be told apart without running it?"""
    given, takes = called.call, called.function.args
    stars = any(isinstance(one, ast.Starred) for one in given.args) or any(one.arg is None for one in given.keywords)
    return not (stars or takes.vararg or takes.kwarg or takes.posonlyargs)


def _bound(called: Called) -> list[ast.stmt]:
    """`X, Y, n = X_train, Y_train, 5`: the names of a function as its call has them."""
    takes = called.function.args
    names = [one.arg for one in (*takes.args, *takes.kwonlyargs)]
    values: dict[str, ast.expr] = dict(
        zip(names[len(takes.args) - len(takes.defaults) :], takes.defaults, strict=False)
    )
    values |= {one.arg: d for one, d in zip(takes.kwonlyargs, takes.kw_defaults, strict=True) if d is not None}
    given = [*([called.owner] if called.owner is not None else []), *called.call.args]
    values |= dict(zip(names, given, strict=False)) | {str(k.arg): k.value for k in called.call.keywords}
    kept = [name for name in names if name in values and ast.unparse(values[name]) != name]
    if not kept:
        return []
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in kept]
    made = ast.Assign([ast.Tuple(targets, ast.Store())], ast.Tuple([values[name] for name in kept], ast.Load()))
    return [ast.fix_missing_locations(ast.copy_location(copy.deepcopy(made), called.call))]


def _plain(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of a function, without its words and what it returns."""
    return [one for one in function.body if not isinstance(one, ast.Return | ast.Global) and not _is_words(one)]


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _has_loop(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.For | ast.While) for node in ast.walk(function))


def _returns_early(function: ast.FunctionDef) -> bool:
    """Does it return in the midst of its statements?"""
    return any(isinstance(one, ast.Return) for part in function.body[:-1] for one in _nested(part))


def _nested(statement: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and those inside it, but for what functions hold."""
    yield statement
    if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
        for block in blocks_of(statement):
            for one in block:
                yield from _nested(one)


def _without(statement: ast.stmt, function: ast.FunctionDef) -> ast.stmt | None:
    """The statement without the definition of a function."""
    if statement is function:
        return None
    if isinstance(statement, ast.ClassDef) and function in statement.body:
        rest = [one for one in statement.body if one is not function]
        changed = copy.copy(statement)
        changed.body = rest or [ast.copy_location(ast.Pass(), statement)]
        return changed
    return statement
