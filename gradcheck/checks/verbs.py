"""The verbs on gradients; each reads like its flow."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck.checks.answers import COTANGENTS, answer, answer_all, weighed
from gradcheck.checks.looks import Demands, OnSuspects
from gradcheck.checks.ranges import Limits, as_names, bounds_of, ensure_known
from gradcheck.errors import GradientInconclusive, GradientMismatch, UsageError
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Result, Subject
from gradcheck.subject.cases import Functions, make_case
from gradcheck.subject.effects import kept_random_states
from gradcheck.subject.targets import case_of_file, cases_of_pair
from gradcheck.subject.trusting import with_trusted_top

# CPU seconds that a check usually has. What is no search, as the first call of a loss, has its part of this at least.
USUAL, LEAST = 10.0, 5.0


def check(
    loss: Callable[..., Any],
    grad: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    like: Any = None,
    value_and_grad: bool = False,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    wrt: str | Sequence[str] | None = None,
    bounds: Limits | None = None,
    resolution: float = 1e-3,
    seed: int = 0,
    stay: bool = False,
    level: str = "standard",
    budget: float = 10.0,
) -> Result:
    """Is `grad` the gradient of `loss`? A Result, true only for AGREE.

    at: array or scalar -> f(x); tuple -> f(*at); dict -> f(**at); leaves may nest; the gradient comes back in the same
    structure. like: shapes in place of a point. args, kwargs: data passed along. wrt: names of the parameters to check,
    or one name. bounds: name -> (low, high) for generic points, or one pair for all; None is an open end. resolution:
    the relative fault that must not hide behind an AGREE. stay: only the given point. level: "quick" (a few directions
    at a generic point), "standard", "thorough" (the full ladder for every entry). budget: CPU seconds of the check
    with the search for the wrong line, for functions at the top of a file; 0: no line. Raises UsageError where the call
    does not fit, UserCodeError where a function raises.
    """
    if (grad is None) != value_and_grad:
        raise UsageError("give grad=, or value_and_grad=True where f returns (value, gradient), and not both")
    if (at is None) == (like is None):
        raise UsageError("give either at= (a point) or like= (shapes, for which a generic point is chosen)")
    functions = Functions(loss, grad, value_and_grad, args, kwargs)
    subject = Subject(None, _name(loss), _name(grad or loss))
    case = make_case(functions, _zeros(like) if at is None else at, subject)
    named, limits = as_names(wrt), bounds_of(bounds, case.at.arrays)
    ensure_known("wrt", named or (), case.at.arrays)
    demands = Demands(resolution, seed, stay, named, limits, level, budget)
    return answer(case, demands, has_point=at is not None)


def assert_gradient(
    loss: Callable[..., Any], grad: Callable[..., Any] | None = None, at: Any = None, **options: Any
) -> None:
    """Raises GradientMismatch or GradientInconclusive, with the full finding, unless `check` says AGREE."""
    __tracebackhide__ = True
    result = check(loss, grad, at, **options)
    if result.outcome is not Outcome.AGREE:
        raise (GradientMismatch if result.outcome is Outcome.DISAGREE else GradientInconclusive)(str(result))


def check_file(
    target: str | Path,
    *,
    loss: str | None = None,
    grad: str | None = None,
    at: str | None = None,
    data: str | None = None,
    seed: int = 0,
    stay: bool = False,
    resolution: float = 1e-3,
    vjp: str | None = None,
    level: str = "standard",
    script: bool = False,
    mapping: Sequence[str] = (),
    budget: float = 10.0,
    spent: float = 0.0,
    on_suspects: OnSuspects | None = None,
) -> Result:
    """The check of a file's own loss and gradient, with exact and reverse mode from tracing it.

    target: FILE, FILE:LOSS,GRAD or FILE:NAME (returns loss and gradients). at: a name in the file, or a point's file.
    data: the name of a dict of keyword arguments. vjp: FORWARD,BACKWARD, the names of such a pair in place of a loss
    and its gradient. package.module stands for its file. A file without a loss function is read as a script (script:
    any file is); mapping: "w1=dLoss_dw1" where the names in it do not tell. budget: CPU seconds of the check with the
    search for the line and a fix, which has a share of them however long the verdict takes; spent: those that went by
    before. on_suspects: gets the suspects as soon as they are known. Raises SubjectError, UserCodeError, UsageError.
    """
    begun = time.process_time() - spent
    demands = Demands(resolution, seed, stay, level=level, budget=budget, on_suspects=on_suspects, begun=begun)
    with kept_random_states():
        if vjp is not None:
            cases = [with_trusted_top(one) for one in cases_of_pair(target, vjp, COTANGENTS, at, seed, data)]
            return answer_all(cases, demands, weighed(cases[0].subject.loss))
        case = case_of_file(target, loss, grad, at, seed, data, script=script, given=mapping)
        case = with_trusted_top(replace(case, patience=max(budget or USUAL, LEAST) / USUAL))
        return answer(case, demands).with_notes(*case.notes)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _zeros(like: Any) -> Any:
    """Zeros in the structure of `like`, whose leaves are shapes: (3, 4), () or 5; or arrays, whose shapes are taken."""
    if isinstance(like, Mapping):
        return {name: _zeros(shape) for name, shape in like.items()}
    if isinstance(like, list):
        return [_zeros(shape) for shape in like]
    if isinstance(like, int) or (isinstance(like, tuple) and all(isinstance(side, int) for side in like)):
        return np.zeros(like)
    if isinstance(like, tuple):
        return tuple(_zeros(shape) for shape in like)
    return np.zeros(np.shape(like))
