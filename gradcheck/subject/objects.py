"""A script whose parameters and gradients live in an object: `net.forward(X)`, `net.backward(e)` in a training loop."""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradcheck.subject.dataflow import LOOPS, reads, writes
from gradcheck.subject.iterations import first_turn, main_block
from gradcheck.subject.mapping import gradients_of, loss_rank


@dataclass(frozen=True, eq=False)
class Keeper:
    """An object that keeps parameters and gradients.

    variable: its name; kind: that of its class. gradients: attribute of a parameter -> of its gradient. setup: what
    runs before a turn of the loop on `line`; for_loss, for_grads: what of the turn makes the loss and the gradients.
    """

    variable: str
    kind: str
    gradients: Mapping[str, str]
    setup: tuple[ast.stmt, ...]
    loss: str
    for_loss: tuple[ast.stmt, ...]
    for_grads: tuple[ast.stmt, ...]
    line: int


def find_keeper(tree: ast.Module, loss: str | None = None) -> Keeper | None:
    """The object that a script trains; None where there is none, or more than one, or it is not clear how."""
    block = main_block(tree)
    classes = {one.name: one for one in block if isinstance(one, ast.ClassDef)}
    made = [(name, kind) for name, kind in _made(block, classes) if _pairs(classes[kind])]
    if len(made) != 1:
        return None
    (variable, kind), pairs = made[0], _pairs(classes[made[0][1]])
    backward = _methods_storing(classes[kind], set(pairs.values()))
    found = _turn(block, variable, backward)
    if found is None:
        return None
    setup, body, line = found
    ends = [place for place, one in enumerate(body) if _called(one, variable) & backward]
    losses = [(name, place) for place, one in enumerate(body) for name in writes(one)]
    ranked = [(0 if loss else loss_rank(name), place, name) for name, place in losses if loss in (None, name)]
    named = sorted((rank, place, name) for rank, place, name in ranked if rank is not None)
    if not ends or not named:
        return None
    _, place, name = named[0]
    until = body[: ends[-1] + 1]
    told = [one for one in until if writes(one) != {name} or any(name in reads(other) - writes(one) for other in until)]
    return Keeper(variable, kind, pairs, tuple(setup), name, tuple(body[: place + 1]), tuple(told), line)


def tree_of_object(keeper: Keeper, names: tuple[str, str]) -> ast.Module:
    """The module with the setup, and a turn of the loop as two functions of the parameters, on a copy of the object."""
    gradients = [f"{name!r}: {keeper.variable}.{held}" for name, held in keeper.gradients.items()]
    parts = (
        (names[0], keeper.for_loss, keeper.loss),
        (names[1], keeper.for_grads, f"{{{', '.join(gradients)}}}"),
    )
    functions = [_function(name, part, value, keeper) for name, part, value in parts]
    return ast.fix_missing_locations(ast.Module([*copy.deepcopy(list(keeper.setup)), *functions], []))


def _function(name: str, part: Sequence[ast.stmt], value: str, keeper: Keeper) -> ast.FunctionDef:
    """def name(parameters): a copy of the object with these parameters; the part; return value."""
    variable, parameters = keeper.variable, ", ".join(keeper.gradients)
    lines = [f"{variable} = __import__('copy').deepcopy({variable})"]
    lines += [f"{variable}.{one} = {one}" for one in keeper.gradients]
    text = f"def {name}({parameters}, *, {variable}={variable}):\n " + "\n ".join([*lines, f"return {value}"])
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    for node in ast.walk(function):
        node.made_for_script = True  # type: ignore[attr-defined]
        ast.copy_location(node, part[0] if not isinstance(node, ast.Return) else part[-1])
    function.lineno, function.end_lineno = part[0].lineno, part[-1].end_lineno
    shown = [copy.deepcopy(one) for one in part if not _prints(one)]
    function.body = [*function.body[:-1], *shown, function.body[-1]]
    return function


def _made(block: Sequence[ast.stmt], classes: Mapping[str, ast.ClassDef]) -> Iterator[tuple[str, str]]:
    """(variable, class) of every object of a class of the file that is made at the top."""
    for one in block:
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call) and isinstance(one.targets[0], ast.Name):
            kind = getattr(one.value.func, "id", None)
            if kind in classes:
                yield one.targets[0].id, str(kind)


def _pairs(kind: ast.ClassDef) -> dict[str, str]:
    """Attributes that are set when the object is made, with those that are named after their gradients."""
    stored = {name: _stores(method) for name, method in _methods(kind).items()}
    every = set().union(*stored.values())
    own = stored.get("__init__", set())
    found = {name: gradients_of(name, every - own, ["loss", "Loss"]) or gradients_of(name, every, []) for name in own}
    return {name: held[0] for name, held in sorted(found.items()) if len(held) == 1 and held[0] != name}


def _methods(kind: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {one.name: one for one in kind.body if isinstance(one, ast.FunctionDef)}


def _stores(method: ast.FunctionDef) -> set[str]:
    """The attributes of the object itself that a method assigns."""
    own = method.args.args[0].arg if method.args.args else ""
    nodes = (node for node in ast.walk(method) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == own}


def _methods_storing(kind: ast.ClassDef, names: set[str]) -> set[str]:
    return {name for name, method in _methods(kind).items() if name != "__init__" and _stores(method) & names}


def _turn(
    block: Sequence[ast.stmt], variable: str, backward: set[str]
) -> tuple[list[ast.stmt], Sequence[ast.stmt], int] | None:
    """(what runs before, the body of the innermost loop that calls the backward pass, its line)."""
    setup: list[ast.stmt] = []
    for one in block:
        calls = {name for node in ast.walk(one) if isinstance(node, ast.stmt) for name in _called(node, variable)}
        if isinstance(one, LOOPS) and calls & backward:
            inner = _turn(one.body, variable, backward)
            if inner is not None:
                return [*setup, *first_turn(one), *inner[0]], inner[1], inner[2]
            return [*setup, *first_turn(one)], one.body, one.lineno
        if not _prints(one):
            setup.append(one)
    return None


def _called(statement: ast.stmt, variable: str) -> set[str]:
    """The methods of a variable's object that a statement calls."""
    return {
        node.func.attr
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and reads(node.func.value) == {variable}
    }


def _prints(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Call) and getattr(value.func, "id", None) == "print"
