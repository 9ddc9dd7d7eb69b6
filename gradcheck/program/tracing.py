"""A straight-line program from user code: the code runs, on numbers that write down what is done with them."""

import ast
import builtins
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.errors import TraceError
from gradcheck.labels import entries
from gradcheck.program.casts import cast
from gradcheck.program.instrument import Parse
from gradcheck.program.modules import loaded
from gradcheck.program.naming import reporters
from gradcheck.program.programs import Program
from gradcheck.program.scalars import Traced, lift
from gradcheck.program.shims import importer, stand_ins, substitute
from gradcheck.program.tape import Tape, TooLong
from gradcheck.program.tops import NO_TOP, Top

# A table of 8 x 8 still reads in a formula; a larger array is data that nobody wants to see number by number.
NAMED_ENTRIES = 64

# What NumPy says of numbers that its compiled functions cannot take is about its own types.
UNTRACED = "a function of NumPy there takes plain numbers only"

Arrays = Mapping[str, NDArray[np.float64]]


def trace(
    source: str,
    filename: str,
    loss: str,
    grad: str | None,
    params: Mapping[str, ArrayLike],
    parse: Parse = ast.parse,
    top: Top = NO_TOP,
) -> Program:
    """What loss(**params), and then grad(**params), compute; equal operations of both are one node.

    parse: (source, filename) -> the tree to run, where that is not the one of the source itself (of a script). top:
    what is kept of its first run.
    Valid where the recorded branches come out the same. Raises TraceError (line and operation) where the loss cannot be
    traced; where only the gradient cannot, `untraced` of the program says why.
    """
    # A named number of the file is a traced one, too, so that formulas read (out - y). Code that needs it to be a plain
    # float (a library call, isinstance) runs when it is left as it is: one more run, where that lets more be traced.
    try:
        named = _trace(source, filename, loss, grad, params, parse, top, named_data=True)
    except TooLong:
        raise
    except TraceError:
        return _trace(source, filename, loss, grad, params, parse, top, named_data=False)
    if named.untraced is None:
        return named
    plain = _trace(source, filename, loss, grad, params, parse, top, named_data=False)
    return named if plain.untraced else plain


def _trace(
    source: str,
    filename: str,
    loss: str,
    grad: str | None,
    params: Mapping[str, ArrayLike],
    parse: Parse,
    top: Top,
    named_data: bool,
) -> Program:
    tape = Tape(filename)
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in params.items()}
    inputs = {text: tape.leaf("input", text, float(a[i])) for n, a in arrays.items() for text, i in entries(n, a.shape)}
    stands = stand_ins(tape)
    helpers = {
        **reporters(tape),
        "__cast__": cast(tape),
        "__builtins__": {**vars(builtins), "__import__": importer(tape, stands)},
    }
    with _explained(source, filename), loaded(source, filename, helpers, parse, top) as space:
        substitute(space, stands)
        if named_data:
            _name_data(tape, space, arrays)
        tape.running = True
        value = _loss_node(tape, _function(space, loss)(**_inputs(tape, arrays)))
        tape.forward = len(tape.ops)
        gradient, untraced = _gradient(tape, _function(space, grad), arrays, source) if grad else ({}, None)
    return Program(tape.nodes(), inputs, value, gradient, tape.forward, tuple(tape.branches), untraced)


def _function(space: Mapping[str, Any], name: str) -> Callable[..., Any]:
    if not callable(space.get(name)):
        raise TraceError(f"cannot trace {name}: the file defines no function of that name")
    return space[name]  # type: ignore[no-any-return]


def _inputs(tape: Tape, arrays: Arrays) -> dict[str, Any]:
    """The parameters as traced numbers: one for a scalar, else a fresh object array of them."""
    return {name: _named(tape, "input", name, array) for name, array in arrays.items()}


def _named(tape: Tape, op: str, name: str, array: NDArray[np.float64]) -> Any:
    traced = np.empty(array.shape, dtype=object)
    for text, index in entries(name, array.shape):
        value = float(array[index])
        traced[index] = Traced(tape, tape.leaf(op, text, value), value)
    return traced if array.shape else traced[()]


def _name_data(tape: Tape, space: dict[str, Any], parameters: Arrays) -> None:
    """Named numbers and small float arrays of the file become data with their own names."""
    for name, value in list(space.items()):
        if name.startswith("_") or name in parameters or isinstance(value, bool):
            continue
        if isinstance(value, (int, float, np.float64)):
            space[name] = _named(tape, "data", name, np.asarray(value, dtype=np.float64))
        elif isinstance(value, np.ndarray) and value.dtype == np.float64 and 0 < value.size <= NAMED_ENTRIES:
            space[name] = _named(tape, "data", name, value)


def _loss_node(tape: Tape, value: Any) -> int:
    number = lift(tape, value)
    if number is None:
        shape = f" of shape {value.shape}" if isinstance(value, np.ndarray) else ""
        raise TraceError(f"the loss returns {type(value).__name__}{shape}: return one number")
    if tape.ops[number.node][0] not in ("input", "data", "number") and number.node not in tape.names:
        tape.give(number.node, tape.free("Loss"))
    return number.node


def _gradient(
    tape: Tape, function: Callable[..., Any], arrays: Arrays, source: str
) -> tuple[dict[str, int], str | None]:
    """(label -> node of every hand-written partial, why there are none)."""
    try:
        with _explained(source, tape.filename):
            return _labelled(tape, function(**_inputs(tape, arrays)), arrays), None
    except TraceError as error:
        return {}, str(error)


def _labelled(tape: Tape, returned: Any, arrays: Arrays) -> dict[str, int]:
    if not isinstance(returned, Mapping):
        values = [returned] if len(arrays) == 1 else list(returned)
        if len(values) != len(arrays):
            raise TraceError(f"the gradient returns {len(values)} values for {len(arrays)} parameters")
        returned = dict(zip(arrays, values, strict=True))
    nodes: dict[str, int] = {}
    for name, array in arrays.items():
        if name in returned:
            nodes |= _entry_nodes(tape, name, returned[name], array.shape)
    return nodes


def _entry_nodes(tape: Tape, name: str, value: Any, shape: tuple[int, ...]) -> dict[str, int]:
    given = np.empty((), dtype=object)
    given[()] = value
    array = np.asarray(value, dtype=object) if isinstance(value, (list, tuple, np.ndarray)) else given
    if array.shape != shape and not array.size == 1 == int(np.prod(shape)):
        raise TraceError(f"the gradient of {name} has shape {array.shape}, {name} has shape {shape}")
    nodes = {}
    for (text, _), entry in zip(entries(name, shape), array.flat, strict=True):
        number = lift(tape, entry)
        if number is None:
            raise TraceError(f"the gradient of {text} is {type(entry).__name__}: return a number")
        nodes[text] = number.node
    return nodes


@contextmanager
def _explained(source: str, filename: str) -> Iterator[None]:
    """Whatever traced code raises, as one sentence with the user's own line and statement."""
    try:
        yield
    except TraceError:
        raise
    except (Exception, SystemExit) as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
        if isinstance(error, SyntaxError):
            raise TraceError(f"cannot trace line {error.lineno}: {error.msg}") from error
        line = frames[-1].lineno or 1 if frames else 1
        place = f"line {line}: `{source.splitlines()[line - 1].strip()}`" if frames else "this code"
        told = UNTRACED if str(error).startswith("ufunc '") else f"{type(error).__name__}: {error}"
        raise TraceError(f"cannot trace {place}: {told}") from error
