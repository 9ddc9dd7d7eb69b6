"""A traced program run again, at one point or at many points at once, with its gradient by reverse mode."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.tape import Tape
from gradcheck.backprop.variables import Variable, apply
from gradcheck.errors import UsageError
from gradcheck.program.programs import LEAVES, Node, Program

# A second name for a value that is there already; what is neither that nor a leaf is the primitive of its name.
ALIAS = "name"


@dataclass(frozen=True, slots=True)
class Replay:
    """What a program comes to at a point; every number has the common shape of the values that were put in.

    gradient: by reverse mode, by the labels of the inputs. yours: the traced hand-written gradient by its labels.
    values, adjoints: of the named nodes that were made while the loss ran, by name.
    """

    loss: Any
    gradient: dict[str, Any]
    yours: dict[str, Any]
    values: dict[str, Any]
    adjoints: dict[str, Any]


def replay(program: Program, values: Mapping[str, Any] | None = None) -> Replay:
    """The program at `values` (label -> number, or arrays of one common shape: that many points at once).

    A label that is left out keeps the value it was traced with. Branches are those of the trace. What overflows or
    leaves a domain becomes infinite or NaN, without a warning. Raises UsageError for an unknown label, or where the
    program has no loss.
    """
    loss, entered = _loss_of(program), _entered(program, values or {})
    shape = np.broadcast_shapes(*map(np.shape, entered.values()))
    tape, found = Tape(), list[Any]()
    with np.errstate(all="ignore"):
        for place, node in enumerate(program.nodes):
            found.append(_computed(tape, node, found, entered.get(place, node.value), shape))
        named = {name: node for name, node in program.named().items() if node < program.forward}
        places = sorted({*program.inputs.values(), *named.values()})
        bars = dict(zip(places, _adjoints(tape, found, loss, places, shape), strict=True))
    return Replay(
        loss=_plain(found[loss]),
        gradient={label: bars[node] for label, node in program.inputs.items()},
        yours={label: _plain(found[node]) for label, node in program.gradient.items()},
        values={name: _plain(found[node]) for name, node in named.items()},
        adjoints={name: bars[node] for name, node in named.items()},
    )


def adjoints_of(program: Program) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(values, adjoints) of all numbers that the loss computed from its parameters, at the traced point.

    Where a number is used more than once, also what each use contributes; the parameters themselves are left out.
    Raises UsageError without a loss.
    """
    tape, bars = _swept(program)
    made = {record.slot: record.value for record in tape.records}
    pairs = [(made[slot], bar) for slot, bar in bars.items() if slot in made]
    pairs += [(made[slot], part) for slot, part in _uses(tape, bars) if slot in made]
    both = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def derivatives_of(program: Program) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The adjoints of all numbers of the loss, and what each use of a parameter adds; and what all other uses add.

    What is only the negative of another has none: somebody who writes that with a sign too many would be right.
    Raises UsageError without a loss.
    """
    tape, bars = _swept(program)
    made = {record.slot for record in tape.records}
    turned = {record.slot for record in tape.records if record.name == "neg"}
    uses = list(_uses(tape, bars))
    wholes = [bar for slot, bar in bars.items() if slot not in turned] + [bar for slot, bar in uses if slot not in made]
    parts = [bar for slot, bar in uses if slot in made - turned]
    return np.array(wholes, dtype=np.float64), np.array(parts, dtype=np.float64)


def _swept(program: Program) -> tuple[Tape, dict[int, Any]]:
    """The loss run again on a tape, and the adjoints of all that it was made from."""
    loss, tape, found = _loss_of(program), Tape(), list[Any]()
    with np.errstate(all="ignore"):
        for node in program.nodes[: program.forward]:
            found.append(_computed(tape, node, found, node.value, ()))
        return tape, tape.adjoints([found[loss]], [1.0])


def _uses(tape: Tape, bars: Mapping[int, Any]) -> Iterator[tuple[int, Any]]:
    """(slot, what one use of it contributes to its adjoint)."""
    with np.errstate(all="ignore"):
        for record in (one for one in tape.records if one.slot in bars):
            for slot, vjp in zip(record.slots, PRIMITIVES[record.name].vjps, strict=True):
                if vjp is not None and slot is not None:
                    yield slot, vjp(bars[record.slot], record.value, *record.args)


def derivative_between(program: Program, of: int, by: int) -> float:
    """The derivative of one computed number by another, along all paths between them, at the traced point; nodes."""
    tape, found = Tape(), list[Any]()
    with np.errstate(all="ignore"):
        for node in program.nodes[: of + 1]:
            found.append(_computed(tape, node, found, node.value, ()))
        wanted = found[by]
        return float(tape.pullback([found[of]], [1.0], [wanted])[0]) if type(wanted) is Variable else 0.0


def hand_gradient(program: Program) -> Callable[[Mapping[str, Any]], tuple[Any, dict[str, Any]]]:
    """A fast function from all inputs by label to (loss, the traced hand-written gradient), for walks of many steps.

    No reverse mode, no checks. Wrap many calls in one np.errstate(all="ignore").
    """
    # One line of Python for each node, `v7 = mul(v3, v4)`: 17 us for the 64 nodes of the source example, a loop 57 us.
    loss, labels = _loss_of(program), tuple(program.gradient)
    lines = [_line(place, node) for place, node in enumerate(program.nodes) if node.op not in LEAVES]
    arguments = ", ".join(f"v{place}" for place in program.inputs.values())
    results = ", ".join(f"v{place}" for place in (loss, *program.gradient.values()))
    space: dict[str, Any] = {name: primitive.value for name, primitive in PRIMITIVES.items()}
    space |= {f"v{place}": np.float64(node.value) for place, node in enumerate(program.nodes) if node.op in LEAVES}
    exec("\n    ".join([f"def straight({arguments}):", *lines, f"return ({results},)"]), space)

    def run(values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        found = space["straight"](*[np.float64(values[label]) for label in program.inputs])
        return found[0], dict(zip(labels, found[1:], strict=True))

    return run


def _line(place: int, node: Node) -> str:
    arguments = ", ".join(f"v{argument}" for argument in node.args)
    return f"v{place} = {arguments}" if node.op == ALIAS else f"v{place} = {node.op}({arguments})"


def _computed(tape: Tape, node: Node, found: list[Any], value: Any, shape: tuple[int, ...]) -> Any:
    """Inputs and named data are stretched to the common shape, so that each point keeps an adjoint of its own."""
    if node.op == "number":
        return np.float64(value)
    if node.op in LEAVES:
        return tape.variable(np.broadcast_to(value, shape) if shape else np.float64(value))
    args = [found[a] for a in node.args]
    return args[0] if node.op == ALIAS else apply(node.op, *args)


def _adjoints(tape: Tape, found: list[Any], loss: int, places: list[int], shape: tuple[int, ...]) -> list[Any]:
    """The adjoints of the values at some places; one that the loss does not read has the adjoint 0."""
    wanted = [found[place] for place in places]
    variables = [value for value in wanted if type(value) is Variable]
    y_bar = np.ones_like(_plain(found[loss]))[()]
    bars = iter(tape.pullback([found[loss]], [y_bar], variables))
    return [next(bars)[()] if type(value) is Variable else np.zeros(shape)[()] for value in wanted]


def _plain(value: Any) -> Any:
    return value.value if type(value) is Variable else value


def _entered(program: Program, values: Mapping[str, Any]) -> dict[int, Any]:
    """The given values by the node of their input."""
    for label in values:
        if label not in program.inputs:
            raise UsageError(f"the program has no input {label}: it has {', '.join(program.inputs)}")
    return {program.inputs[label]: np.asarray(value, dtype=np.float64) for label, value in values.items()}


def _loss_of(program: Program) -> int:
    if program.loss is None:
        raise UsageError("the program has no loss: trace a function that returns one number")
    return program.loss
