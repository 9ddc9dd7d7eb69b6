"""Layers with a forward and a backward pass of their own, and the calls that a gradient's run made of them."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import copied
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, gradient_at
from gradcheck.subject.reruns import run_tree

# How people name the two: conv_forward and conv_backward, fwd_conv and bwd_conv, conv and dconv.
WAYS = (
    *(("forward", "backward"), ("fwd", "bwd"), ("forward", "back")),
    *(("", "backward"), ("", "back"), ("", "bwd"), ("", "grad"), ("", "d")),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Names of a forward and a backward function, or of the two methods of a class."""

    forward: str
    backward: str
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class Call:
    """One call: the arguments themselves, copies of them (and of what an instance held) before it, what it returned."""

    name: str
    owner: str | None
    instance: Any
    given: tuple[Any, ...]
    named: Mapping[str, Any]
    before: tuple[Any, ...]
    named_before: Mapping[str, Any]
    held: Mapping[str, Any]
    returned: Any


def pairs_in(tree: ast.Module) -> list[Pair]:
    """The pairs of a file, by the names of its functions and methods."""
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = [Pair(*names) for names in _named(functions)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
            methods = ["" if name == "__call__" else name for name in methods]
            found += [Pair(one or "__call__", other, node.name) for one, other in _named(methods)]
    return found


def _named(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each backward function with the first forward function that its name calls for."""
    for backward in names:
        for there, back in WAYS:
            glue = "_?" if back == "d" else "_"
            stem = re.fullmatch(rf"(?:(.+)_{back}|{back}{glue}(.+)|({back}))", backward)
            if stem is None:
                continue
            core = stem[1] or stem[2] or ""
            meant = [f"{core}_{there}", f"{there}_{core}"] if core and there else [core or there]
            forward = next((name for name in meant if name in names and name != backward), None)
            if forward is not None:
                yield forward, backward
                break


def calls_at(case: Case, pairs: Sequence[Pair], point: Mapping[str, Floats]) -> list[Call]:
    """The calls of the pairs' functions in the run of a gradient, in their order; raises what the code raises."""
    assert case.origin is not None
    module = run_tree(case, case.origin.parse(case.origin.text, case.subject.path or ""), {})
    found: list[Call] = []
    for pair in pairs:
        home = getattr(module, pair.owner) if pair.owner else module
        for name in (pair.forward, pair.backward):
            if callable(getattr(home, name, None)):
                setattr(home, name, _recording(getattr(home, name), name, pair.owner, found))
    gradient_at(case.origin.remake(module), point, upcast=True)
    return found


def _recording(function: Callable[..., Any], name: str, owner: str | None, into: list[Call]) -> Callable[..., Any]:
    if hasattr(function, "__wrapped_by_pairs__"):
        return function

    def recorded(*args: Any, **kwargs: Any) -> Any:
        instance, given = (args[0], args[1:]) if owner else (None, args)
        held = {key: copied(value) for key, value in vars(instance).items()} if owner else {}
        before, named = tuple(map(copied, given)), {key: copied(value) for key, value in kwargs.items()}
        returned = function(*args, **kwargs)
        into.append(Call(name, owner, instance, given, kwargs, before, named, held, returned))
        return returned

    recorded.__wrapped_by_pairs__ = True  # type: ignore[attr-defined]
    return recorded


def matched(pair: Pair, calls: Sequence[Call]) -> tuple[Call, Call] | None:
    """The first backward call of a pair with the forward call that it belongs to; None where there are none."""
    backs = [call for call in calls if (call.name, call.owner) == (pair.backward, pair.owner)]
    theres = [call for call in calls if (call.name, call.owner) == (pair.forward, pair.owner)]
    for back in backs:
        told = [(_shared(there, back), place) for place, there in enumerate(theres)]
        most, place = max(told, default=(0, 0))
        if most:
            return theres[place], back
    return None


def _shared(there: Call, back: Call) -> int:
    """How much of what the one was given or returned is handed to the other; is it the same instance?

    Two calls may read the same input: the one that shares the weights as well is meant.
    """
    if back.instance is not None:
        return int(back.instance is there.instance)
    made = {id(one) for one in parts_of(there.returned)[1:] or parts_of(there.returned)}
    made |= {id(one) for one in there.given if isinstance(one, np.ndarray)}
    return sum(id(one) in made for one in (*back.given, *back.named.values()))


def parts_of(returned: Any) -> tuple[Any, ...]:
    """What was returned, one by one."""
    return tuple(returned) if isinstance(returned, tuple) else (returned,)


def home_of(module: ModuleType, pair: Pair) -> Any:
    """Where the two functions of a pair stand."""
    return getattr(module, pair.owner) if pair.owner else module
