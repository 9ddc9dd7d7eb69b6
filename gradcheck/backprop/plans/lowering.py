"""Every primitive as operations; what has no form of its own here runs as its value, copied into the kept buffer."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcheck.backprop.plans import forms, reductions, simplifying, views
from gradcheck.backprop.plans.kernels import stored
from gradcheck.backprop.plans.operations import GUARD, Graph, Operation
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.recorder import Guard, Recorder, Slot, Step
from gradcheck.backprop.rules.windows import windowed

ARITHMETIC: dict[str, Callable[..., int]] = {
    "add": simplifying.add,
    "sub": simplifying.subtract,
    "mul": simplifying.multiply,
    "div": simplifying.divide,
    "neg": simplifying.negative,
}


def lowered(recorder: Recorder, inputs: int) -> tuple[Graph, list[int]]:
    """The graph of a record, and the place of every slot in it."""
    graph, places = Graph(), [-1] * len(recorder.values)
    for number in range(inputs):
        places[number] = graph.input(number, recorder.values[number])
    for step in recorder.steps:
        if isinstance(step, Guard):
            guard = (step.kind, step.outcome)
            graph.operations.append(
                Operation(GUARD, len(graph.operations), (places[step.place],), (), np.dtype(bool), guard)
            )
        else:
            places[step.slot] = _lower(graph, step, [_entered(graph, places, step, arg) for arg in step.args])
    return graph, places


def _entered(graph: Graph, places: Sequence[int], step: Step, arg: Any) -> int:
    """The place of an argument; a Python number takes the type of its partners, as NumPy has it."""
    if isinstance(arg, Slot):
        return places[arg.place]
    if not isinstance(arg, int | float | complex) or isinstance(arg, np.generic | bool):
        return graph.constant(arg)
    partners = [graph[places[other.place]].dtype for other in step.args if isinstance(other, Slot)]
    partners += [np.asarray(other).dtype for other in step.args if hasattr(other, "dtype")]
    return graph.constant(arg, np.result_type(arg, *partners))


def _lower(graph: Graph, step: Step, args: list[int]) -> int:
    value = PRIMITIVES[step.name].value
    if step.name in ARITHMETIC:
        return ARITHMETIC[step.name](graph, *args)
    if step.name in LOWERED:
        return LOWERED[step.name](graph, step, *args)
    if isinstance(value, np.ufunc):
        return graph.elementwise(value, *args, dtype=step.value.dtype)
    emit = stored(value, step.options)
    return graph.kernel((step.name, len(graph.operations)), tuple(args), step.value.shape, step.value.dtype, emit)


LOWERED: dict[str, Callable[..., int]] = {
    "identity": forms.identity,
    "reshape": views.reshape,
    "transpose": views.view("transpose", lambda axes: lambda array: array.transpose(axes)),
    "windows": views.view("windows", lambda **options: lambda array: windowed(array, **options)),
    "broadcast_to": views.broadcast,
    "take": views.take,
    "assemble": views.assemble,
    "concatenate": views.concatenate,
    "unwindows": forms.unwindows,
    "sum": reductions.sum_of,
    "max": reductions.reduce,
    "min": reductions.reduce,
    "matmul": forms.matmul,
    "sigmoid": forms.sigmoid,
    "relu": forms.relu,
    "softmax": reductions.softmax,
    "logsumexp": reductions.logsumexp,
    "astype": forms.astype,
}
