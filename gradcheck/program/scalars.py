"""The concolic scalar: a number that computes as always, and writes down how."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.program.tape import Tape

Unary = Callable[[float], float]


class Traced:
    """A traced number: its concrete value, and its node on the tape.

    Comparisons answer with the concrete value and are recorded. Where code would lose the trace (float(), rounding,
    indexing by a parameter) it raises TraceError. Numbers that no parameter reaches may be used as plain ones.
    """

    __slots__ = ("node", "tape", "value")
    shape: tuple[int, ...] = ()
    ndim = 0
    size = 1

    def __init__(self, tape: Tape, node: int, value: float) -> None:
        self.tape = tape
        self.node = node
        self.value = value

    # arithmetic
    def __add__(self, other: Any) -> Any:
        return _binary(self, other, "add", operator.add)

    def __radd__(self, other: Any) -> Any:
        return _binary(self, other, "add", operator.add, True)

    def __sub__(self, other: Any) -> Any:
        return _binary(self, other, "sub", operator.sub)

    def __rsub__(self, other: Any) -> Any:
        return _binary(self, other, "sub", operator.sub, True)

    def __mul__(self, other: Any) -> Any:
        return _binary(self, other, "mul", operator.mul)

    def __rmul__(self, other: Any) -> Any:
        return _binary(self, other, "mul", operator.mul, True)

    def __truediv__(self, other: Any) -> Any:
        return _binary(self, other, "div", _over)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(self, other, "div", _over, True)

    def __pow__(self, other: Any) -> Any:
        return _binary(self, other, "pow", operator.pow)

    def __rpow__(self, other: Any) -> Any:
        return _binary(self, other, "pow", operator.pow, True)

    def __neg__(self) -> "Traced":
        return self.apply("neg", operator.neg)

    def __pos__(self) -> "Traced":
        return self

    def __abs__(self) -> "Traced":
        return self.apply("abs", abs)

    def apply(self, op: str, function: Unary) -> "Traced":
        """The traced value of a function of one number."""
        value = function(self.value)
        if not self.tape.varies[self.node] and self.tape.ops[self.node][0] == "number":
            return literal(self.tape, value)
        return Traced(self.tape, self.tape.add(op, (self.node,), value), value)

    # comparisons
    def __lt__(self, other: Any) -> Any:
        return _compare(self, other, "<", operator.lt)

    def __le__(self, other: Any) -> Any:
        return _compare(self, other, "<=", operator.le)

    def __gt__(self, other: Any) -> Any:
        return _compare(self, other, ">", operator.gt)

    def __ge__(self, other: Any) -> Any:
        return _compare(self, other, ">=", operator.ge)

    def __eq__(self, other: Any) -> Any:
        return _compare(self, other, "==", operator.eq)

    def __ne__(self, other: Any) -> Any:
        return _compare(self, other, "!=", operator.ne)

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self != 0)

    # ways out of the trace: open to constants only
    def __float__(self) -> float:
        return self._constant("float(), or a function like math.erf that makes one,")

    def __int__(self) -> int:
        return int(self._constant("int()"))

    def __index__(self) -> int:
        value = self._constant("an index")
        if value != int(value):
            raise TypeError(f"{value} is not a whole number")
        return int(value)

    def __round__(self, digits: int | None = None) -> float:
        return round(self._constant("round()"), digits)

    def rint(self) -> float:
        """What np.round asks an element for."""
        return round(self._constant("round()"))

    def __floor__(self) -> int:
        return math.floor(self._constant("floor"))

    def __ceil__(self) -> int:
        return math.ceil(self._constant("ceil"))

    def __trunc__(self) -> int:
        return math.trunc(self._constant("trunc"))

    def __floordiv__(self, other: Any) -> Any:
        return self._constant("//") // other

    def __mod__(self, other: Any) -> Any:
        return self._constant("%") % other

    def __rfloordiv__(self, other: Any) -> Any:
        return other // self._constant("//")

    def __rmod__(self, other: Any) -> Any:
        return other % self._constant("%")

    def _constant(self, operation: str) -> float:
        if self.tape.varies[self.node]:
            raise self.tape.refuse(f"{operation} of a number that depends on a parameter")
        return self.value

    # what a NumPy number can do beside
    def item(self) -> "Traced":
        """The number itself, as for a NumPy scalar."""
        return self

    def copy(self) -> "Traced":
        """The number itself: it never changes."""
        return self

    conjugate = copy
    sum = mean = max = min = squeeze = lambda self, *args, **kwargs: self

    @property
    def T(self) -> "Traced":
        """The transpose of a number."""
        return self

    real = T

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


def primitive(op: str, real: Callable[[float], Any]) -> Callable[[Traced], Traced]:
    """A function of one traced number; its value is computed by the function that the user called."""

    def value(x: float) -> float:
        with np.errstate(all="ignore"):
            return float(real(x))

    return lambda number: number.apply(op, value)


# NumPy asks the elements of an object array for these, also where it computes inside (np.linalg.norm, np.std).
for _name in ("exp", "expm1", "log", "log1p", "tanh", "sinh", "cosh", "sqrt", "sin", "cos", "arctan"):
    setattr(Traced, _name, primitive(_name, getattr(np, _name)))


def literal(tape: Tape, value: float) -> Traced:
    """A number of the code as a traced one."""
    return Traced(tape, tape.number(value), value)


def lift(tape: Tape, value: Any) -> Traced | None:
    """The traced number of a Traced, of a plain number, or of an array of one number; None for anything else."""
    if isinstance(value, Traced):
        return value
    if isinstance(value, (int, float, np.integer, np.floating, np.bool_)):
        return literal(tape, float(value))
    if isinstance(value, np.ndarray) and value.size == 1:
        return lift(tape, value.item())
    return None


def _binary(a: Traced, other: Any, op: str, function: Callable[[float, float], float], swapped: bool = False) -> Any:
    if isinstance(other, np.ndarray):
        return NotImplemented  # NumPy then calls back, number by number
    b = lift(a.tape, other)
    if b is None:
        if isinstance(other, complex):
            raise a.tape.refuse("a complex number")
        return NotImplemented
    left, right = (b, a) if swapped else (a, b)
    neutral = _neutral(left, right, op)
    return _combine(left, right, op, function) if neutral is None else neutral


def _combine(left: Traced, right: Traced, op: str, function: Callable[[float, float], float]) -> Traced:
    tape = left.tape
    try:
        value = function(left.value, right.value)
    except (ArithmeticError, ValueError) as error:
        raise tape.refuse(f"{op}({left.value!r}, {right.value!r}): {error}") from None
    if isinstance(value, complex):
        raise tape.refuse(f"{left.value!r} ** {right.value!r} is complex")
    if tape.ops[left.node][0] == tape.ops[right.node][0] == "number":
        return literal(tape, value)
    return Traced(tape, tape.add(op, (left.node, right.node), value), value)


def _neutral(left: Traced, right: Traced, op: str) -> Traced | None:
    # x + 0 and x * 1 are x to the last bit: buffers of zeros (`total = 0`, np.zeros) leave no trace of their own
    neutral = {"add": 0.0, "mul": 1.0}.get(op)
    for one, other in ((left, right), (right, left)):
        if neutral is not None and one.value == neutral and one.tape.ops[one.node][0] == "number":
            return other
    return None


def _compare(a: Traced, other: Any, sign: str, function: Callable[[float, float], bool]) -> Any:
    if isinstance(other, np.ndarray):
        return NotImplemented
    b = lift(a.tape, other)
    if b is None:
        return NotImplemented
    outcome = bool(function(a.value, b.value))
    if a.tape.varies[a.node] or b.tape.varies[b.node]:
        a.tape.branch(sign, outcome, a.node, b.node)
    return outcome


def _over(a: float, b: float) -> float:
    if b:
        return a / b
    # as NumPy does, whose masks (np.where) choose afterwards
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)


def is_traced(value: Any) -> bool:
    """Is there a traced number in it?"""
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(x, Traced) for x in value.flat)
    if isinstance(value, (list, tuple)):
        return any(map(is_traced, value))
    return isinstance(value, Traced)
