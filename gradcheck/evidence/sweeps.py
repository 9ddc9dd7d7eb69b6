"""The gradient of a user's own loss by reverse mode on whole arrays: their file is run on variables.

Where numbers are traced one by one a program grows with the size of the arrays; here it grows with the lines that run.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.structures import leaves_of, rebuilt
from gradcheck.backprop.tape import Record, Tape
from gradcheck.backprop.variables import Variable
from gradcheck.errors import TraceError
from gradcheck.evidence.array_stands import HELPERS, array_stands, with_helpers
from gradcheck.program.modules import in_modules
from gradcheck.program.shims import substitute
from gradcheck.program.tops import keys_of
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case
from gradcheck.subject.reruns import run_tree
from gradcheck.subject.returns import read_pair

# What moves numbers about computes none.
MOVING = frozenset(
    {"take", "put", "assemble", "concatenate", "reshape", "transpose", "broadcast_to", "identity", "astype"}
)


@dataclass(frozen=True, eq=False)
class Sweep:
    """The loss and its gradient at a point; adjoints: by slot of the tape; operations: on single numbers."""

    loss: float
    gradient: Mapping[str, Floats]
    adjoints: Mapping[int, Any]
    operations: int


def swept(
    case: Case, point: Mapping[str, Floats], tree: ast.Module | None = None, helpers: Mapping[str, Any] | None = None
) -> Sweep | None:
    """The sweep of a case's loss; None where its text is not at hand or its code cannot run on variables.

    It is right where the code changes no array by another name for a part of it: ask another opinion. tree: the text's,
    where it is rewritten, with the helpers that it needs; it is changed.
    """
    if case.origin is None:
        return None
    tape = Tape(is_writable=True)
    try:
        text = tree or case.origin.parse(case.origin.text, case.subject.path or "")
        keys = keys_of(text.body)
        module = run_tree(case, with_helpers(text), {**(helpers or {}), **HELPERS}, keys)
        substitute(module.__dict__, array_stands(tape))
        with np.errstate(all="ignore"), in_modules(module):
            return _sweep(replace(case, functions=case.origin.remake(module).functions), point, tape)
    except (Exception, SystemExit):  # whatever code raises that was not written for this
        return None


def _sweep(case: Case, point: Mapping[str, Floats], tape: Tape) -> Sweep:
    structure = case.at.build(point)
    leaves = leaves_of(structure)
    if [np.shape(leaf) for leaf in leaves] != [array.shape for array in point.values()]:
        raise TraceError("the parameters are no arrays of their own")
    entered = [tape.variable(np.array(array, dtype=np.float64)) for array in point.values()]
    functions = case.functions
    value = case.form.call(functions.loss, rebuilt(structure, entered), functions.args, functions.kwargs or {})
    value = read_pair(value, case.subject.loss)[0] if functions.returns_both else value
    if type(value) is not Variable or value.size != 1:
        raise TraceError("the loss is no number that was computed from the parameters")
    adjoints = tape.adjoints([value], [np.ones(value.shape)])
    gradient = {
        name: np.array(adjoints.get(place, np.zeros(array.shape))) for place, (name, array) in enumerate(point.items())
    }
    return Sweep(float(value.value.reshape(())), gradient, adjoints, sum(map(_work, tape.records)))


def _work(record: Record) -> int:
    """So many operations on single numbers as a record stands for."""
    size = prod(shape_of(record.value))
    if record.name in MOVING:
        return 0
    if record.name == "matmul":
        return 2 * size * shape_of(record.args[0])[-1]
    return max(size, *(prod(shape_of(arg)) for arg in record.args))


def leaves_with_marks(value: Any) -> Iterator[tuple[Floats, int]]:
    """The variables in a value, in order: their arrays, and their slots."""
    if type(value) is Variable:
        yield value.value, value.mark
    elif type(value) in (list, tuple):
        for part in value:
            yield from leaves_with_marks(part)
    elif type(value) is dict:
        for part in value.values():
            yield from leaves_with_marks(part)
