"""A loss and its gradient as functions of named arrays, whatever shape their user gave them."""

import ast
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import NothingToCheck, UsageError
from gradcheck.program.modules import in_modules
from gradcheck.program.tops import NO_TOP, Top
from gradcheck.results.arrays import frozen
from gradcheck.results.result import Subject
from gradcheck.subject.blame import blaming
from gradcheck.subject.effects import Effects, arrays_of, effects_of, random_states, shielded
from gradcheck.subject.forms import Form, form_of
from gradcheck.subject.limits import limited
from gradcheck.subject.returns import read_loss, read_pair
from gradcheck.subject.structures import Flat, flatten, gather

Numbers = Mapping[str, NDArray[Any]]
# A difference may step out of the domain of a loss; math.log says so by ValueError, math.exp by OverflowError.
DOMAIN_ERRORS = (ArithmeticError, ValueError)
# A check needs some thirty calls at least and gets ten minutes: a call that takes longer (s of CPU) cannot be checked.
FIRST = 20.0
ENDLESS = ": look for an endless loop there, or give it more time with --timeout"


@dataclass(frozen=True, slots=True)
class Functions:
    """The user's functions; without a `grad`, `loss` may return (value, gradient). args, kwargs: data passed along."""

    loss: Callable[..., Any]
    grad: Callable[..., Any] | None = None
    returns_both: bool = False
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None


def parse(text: str, filename: str) -> ast.Module:
    """The tree of a plain file; raises SyntaxError."""
    return ast.parse(text, filename)


@dataclass(frozen=True, slots=True)
class Origin:
    """The text that the functions of a case come from, and how to have the same case from another run of it.

    remake: from a module in which that text, or a changed one, was run. parse: (text, filename) -> the tree to run,
    in which every line is where it stands in the text. has_loss: the subject's loss and gradient are functions of that
    tree; not so for a forward and a backward pass, of which the loss is made. top: what was slow in its first run.
    """

    text: str
    remake: Callable[[ModuleType], "Case"]
    parse: Callable[[str, str], ast.Module] = parse
    has_loss: bool = True
    top: Top = NO_TOP


@dataclass(frozen=True, slots=True)
class Case:
    """What a check sees: the given point as named arrays, and the functions that take such arrays.

    Every call hands the user fresh copies in the user's own structure and is counted in `calls` (loss, grad).
    `fresh_point(seed)` is the file's own point for a seed, where it has such; `origin` its text. `in_own_precision`:
    the loss takes the parameters in their own types only; else it gets them in float64. notes: how the file was read.
    patience: the first call of each may take so many times what it usually may. home: the module of the functions,
    which stands in sys.modules while they are called; None where it does anyway.
    """

    subject: Subject
    functions: Functions
    form: Form
    given: Any
    at: Flat
    calls: Counter[str]
    fresh_point: Callable[[int], Any] | None = None
    origin: Origin | None = None
    in_own_precision: bool = False
    notes: tuple[str, ...] = ()
    patience: float = 1.0
    home: ModuleType | None = None


def make_case(
    functions: Functions,
    at: Any,
    subject: Subject,
    fresh_point: Callable[[int], Any] | None = None,
    origin: Origin | None = None,
    home: ModuleType | None = None,
) -> Case:
    """The case of two functions (or one that returns both) at a point; raises UsageError for a point that is none."""
    for function in (functions.loss, functions.grad):
        if not (function is None or callable(function)):
            raise UsageError(f"{function!r:.60} is no function: give the function itself")
    form = form_of(at, functions.loss)
    flat = flatten(form.pack(at), form.names[0] if form.names else "x")
    if not any(array.size for array in flat.arrays.values()):
        raise NothingToCheck("the point has no numbers to differentiate by: give at least one")
    for function in filter(None, (functions.loss, functions.grad)):
        form.ensure_fits(function, form.pack(at), functions.args, functions.kwargs or {})
    functions = replace(functions, args=shielded(functions.args), kwargs=shielded(dict(functions.kwargs or {})))
    return Case(subject, functions, form, at, flat, Counter(), fresh_point, origin, home=home)


def loss_at(
    case: Case,
    numbers: Numbers,
    let_through: tuple[type[Exception], ...] = DOMAIN_ERRORS,
    seen: list[Effects] | None = None,
) -> float:
    """The loss at named arrays; the errors of a domain edge pass, all others become a UserCodeError with their line.

    seen: a list that gets what the call did beside returning.
    """
    given = in_own_types(case, numbers) if case.in_own_precision else numbers
    returned = _call(case, case.functions.loss, given, "loss", let_through, seen)
    if case.functions.returns_both:
        returned = read_pair(returned, case.subject.loss)[0]
    return read_loss(returned, case.subject.loss)


def gradient_at(
    case: Case, numbers: Numbers, seen: list[Effects] | None = None, upcast: bool = False
) -> dict[str, Any]:
    """What the user's gradient holds for every parameter, by name, as it was returned; a name it lacks is left out.

    The gradient gets the parameters in their own dtype, for it is judged in its own precision; upcast: in float64.
    """
    given = numbers if upcast else in_own_types(case, numbers)
    function = case.functions.grad or case.functions.loss
    returned = _call(case, function, given, "grad", (), seen)
    if case.functions.returns_both:
        returned = read_pair(returned, case.subject.loss)[1]
    point = case.form.pack(case.given)
    return gather(case.form.pack_gradient(returned, point), point, case.form.names[0])


def in_own_types(case: Case, numbers: Numbers) -> dict[str, NDArray[Any]]:
    """The arrays, each in the type that its parameter came in."""
    return {name: np.asarray(array, dtype=_real(case.at.dtypes[name])) for name, array in numbers.items()}


def settled(case: Case, point: Numbers) -> dict[str, NDArray[np.float64]]:
    """The nearest point whose numbers the parameters' own types can hold: loss and gradient then see the same one."""
    return {name: frozen(array) for name, array in in_own_types(case, point).items()}


def coarse_names(case: Case) -> list[str]:
    """The parameters that came in less than float64."""
    return [name for name, dtype in case.at.dtypes.items() if dtype.kind == "f" and dtype.itemsize < 8]


def own_point(case: Case, seed: int) -> dict[str, NDArray[np.float64]] | None:
    """The file's own point for a seed as named arrays; None where it has none, or one of other names or shapes."""
    if case.fresh_point is None:
        return None
    with blaming(case.subject.path or "the point", f"calling point({seed})"), in_modules(case.home):
        point = flatten(case.form.pack(case.fresh_point(seed)), case.form.names[0]).arrays
    same = {n: a.shape for n, a in point.items()} == {n: a.shape for n, a in case.at.arrays.items()}
    return point if same else None


def _call(
    case: Case,
    function: Callable[..., Any],
    numbers: Numbers,
    kind: str,
    let: tuple[type[Exception], ...],
    seen: list[Effects] | None,
) -> Any:
    case.calls[kind] += 1
    packed = case.at.build(numbers)
    args, kwargs = case.functions.args, case.functions.kwargs or {}
    before = None if seen is None else (random_states(), arrays_of(args, kwargs))
    doing = f"calling {getattr(function, '__name__', kind)}"
    is_first = case.origin is not None and case.calls[kind] == 1
    first = limited(FIRST * case.patience, mend=ENDLESS) if is_first else nullcontext()
    where, home = case.subject.path or case.subject.loss, in_modules(case.home)
    with blaming(where, doing, let), np.errstate(all="ignore"), first, home:
        returned = case.form.call(function, packed, args, kwargs)
    if seen is not None and before is not None:
        data = (before[1], arrays_of(args, kwargs))
        seen.append(effects_of(before[0], packed, numbers, case.form.names[0], data))
    return returned


def _real(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Whole numbers that stand for real ones (`b = 0` in a point) count as float64."""
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
