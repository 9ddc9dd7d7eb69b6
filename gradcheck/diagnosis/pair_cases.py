"""A forward and a backward pass as a case of their own, under a random cotangent, at inputs that they received."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.diagnosis.pairs import Call, Pair, home_of, parts_of
from gradcheck.diagnosis.roles import role_of_target
from gradcheck.diagnosis.values import is_array
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, Functions, Origin, make_case
from gradcheck.subject.products import random_numbers
from gradcheck.subject.reruns import run_tree

# Names of what an instance holds stand behind this.
SELF = "self_"
# Of a pair with more numbers than this the whole gradient tells as much for less.
LARGEST = 400


@dataclass(frozen=True, eq=False)
class Layout:
    """How a pair is called. inputs: name -> place among the arguments of the forward pass; held: of its instance.

    dy: the place of the cotangent among the arguments of the backward pass; fed: for the others, the place in what the
    forward pass returned or was given. outputs: name -> place in what the backward pass returns; stored: name -> the
    attribute that holds its gradient after it.
    """

    pair: Pair
    there: Call
    back: Call
    inputs: Mapping[str, int]
    held: Mapping[str, str]
    dy: int
    fed: Mapping[int, tuple[str, int]]
    outputs: Mapping[str, int]
    stored: Mapping[str, str]


def layout_of(tree: ast.Module, pair: Pair, there: Call, back: Call) -> Layout | None:
    """How a pair's calls fit together; None where that is not clear."""
    y = parts_of(there.returned)[0]
    if not is_array(y) or there.named or back.named:
        return None
    places = [i for i, one in enumerate(back.before) if is_array(one) and one.shape == y.shape]
    names = _arguments(tree, pair, pair.forward)
    inputs = {name: i for i, (name, one) in enumerate(zip(names, there.before, strict=False)) if is_array(one)}
    held = {SELF + key: key for key, one in there.held.items() if is_array(one)}
    told = _returned(tree, pair)
    gradients = {place: role_of_target(name, inputs) for place, name in enumerate(told) if name}
    outputs = {role.by: place for place, role in gradients.items() if role is not None and role.by in inputs}
    if not outputs and len(inputs) == len(parts_of(back.returned)):
        outputs = {name: place for place, name in enumerate(inputs)}
    stored = _stored(held, back)
    outputs = {name: place for name, place in outputs.items() if _fits(there.before[inputs[name]], back, place)}
    if not places or not (outputs or stored):
        return None
    fed = {i: source for i, one in enumerate(back.given) if i != places[0] and (source := _source(one, there))}
    return Layout(pair, there, back, inputs, held, places[0], fed, outputs, stored)


def is_whole(layout: Layout) -> bool:
    """Is it clear of all that the backward pass returns, and stores under a name of its own, whose gradient it is?"""
    arrays = [place for place, one in enumerate(parts_of(layout.back.returned)) if one is not None]
    return layout.pair.owner is None and sorted(layout.outputs.values()) == arrays


def local_case(case: Case, layout: Layout) -> Case:
    """The case of the pair alone, at the inputs of its call."""
    assert case.origin is not None
    parse, text, top = case.origin.parse, case.origin.text, case.origin.top
    cotangent = random_numbers(parts_of(layout.there.returned)[0].shape, np.random.default_rng(1))
    subject = replace(case.subject, loss=layout.pair.forward, grad=layout.pair.backward)

    def made(module: ModuleType) -> Case:
        functions = _functions(module, layout, cotangent)
        origin = Origin(text, made, parse, has_loss=False, top=top)
        return make_case(functions, point_of(layout), subject, None, origin, module)

    return made(_module(case))


def point_of(layout: Layout) -> dict[str, Floats]:
    """The inputs of the call of which the backward pass tells the gradient."""
    given = {name: layout.there.before[layout.inputs[name]] for name in layout.outputs}
    return given | {name: layout.there.held[layout.held[name]] for name in layout.stored}


def _module(case: Case) -> ModuleType:
    assert case.origin is not None
    return run_tree(case, case.origin.parse(case.origin.text, case.subject.path or ""), {})


def _functions(module: ModuleType, layout: Layout, cotangent: Floats) -> Functions:
    def run(numbers: Mapping[str, Any]) -> tuple[Any, Any, list[Any]]:
        given = [numbers.get(name) for name in layout.inputs]
        args = [one.copy() if isinstance(one, np.ndarray) else one for one in layout.there.before]
        for place, value in zip(layout.inputs.values(), given, strict=True):
            args[place] = args[place] if value is None else value
        instance = _instance(module, layout, numbers)
        home = instance if instance is not None else module
        return instance, getattr(home, layout.pair.forward)(*args), args

    def loss(**numbers: Any) -> Any:
        return (parts_of(run(numbers)[1])[0] * cotangent).sum()  # also where it runs on variables

    def grads(**numbers: Any) -> dict[str, Any]:
        instance, returned, args = run(numbers)
        sources = {"returned": parts_of(returned), "given": tuple(args)}
        told = [_copied(one) for one in layout.back.before]
        for place, (where, which) in layout.fed.items():
            told[place] = sources[where][which]
        told[layout.dy] = cotangent.copy()
        home = instance if instance is not None else module
        found = parts_of(getattr(home, layout.pair.backward)(*told))
        back = {name: found[place] for name, place in layout.outputs.items()}
        return back | {name: getattr(instance, key) for name, key in layout.stored.items()}

    return Functions(loss, grads)


def _instance(module: ModuleType, layout: Layout, numbers: Mapping[str, Any]) -> Any:
    """A new instance as it was before the forward pass, with these numbers."""
    if layout.pair.owner is None:
        return None
    fresh = object.__new__(home_of(module, layout.pair))
    fresh.__dict__.update({key: _copied(one) for key, one in layout.there.held.items()})
    fresh.__dict__.update({layout.held[name]: one for name, one in numbers.items() if name in layout.held})
    return fresh


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _source(value: Any, there: Call) -> tuple[str, int] | None:
    """Where an argument of the backward pass comes from: returned by the forward pass, or given to it."""
    for where, values in (("returned", parts_of(there.returned)), ("given", there.given)):
        for place, one in enumerate(values):
            if one is value and not isinstance(one, int | float | bool | None):
                return where, place
    return None


def _stored(held: Mapping[str, str], back: Call) -> dict[str, str]:
    """Which attributes hold gradients, by their names and shapes."""
    found = {}
    for key, value in vars(back.instance).items() if back.instance is not None else ():
        role = role_of_target(f"self.{key}", set(held.values()))
        if (
            role is not None
            and is_array(value)
            and role.by in held.values()
            and value.shape == back.held[role.by].shape
        ):
            found[SELF + role.by] = key
    return found


def _fits(value: Any, back: Call, place: int) -> bool:
    parts = parts_of(back.returned)
    return place < len(parts) and is_array(parts[place]) and parts[place].shape == value.shape


def _definition(tree: ast.Module, pair: Pair, name: str) -> ast.FunctionDef:
    body: Sequence[ast.stmt] = tree.body
    if pair.owner:
        body = next(one for one in body if isinstance(one, ast.ClassDef) and one.name == pair.owner).body
    return next(one for one in body if isinstance(one, ast.FunctionDef) and one.name == name)


def _arguments(tree: ast.Module, pair: Pair, name: str) -> list[str]:
    names = [one.arg for one in _definition(tree, pair, name).args.args]
    return names[1:] if pair.owner else names


def _returned(tree: ast.Module, pair: Pair) -> list[str]:
    """What the names of the returned values are; empty for what has none."""
    for node in ast.walk(_definition(tree, pair, pair.backward)):
        if isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            return [ast.unparse(part) if isinstance(part, ast.Name | ast.Attribute) else "" for part in parts]
    return []
