"""A user's own activation, put into every table and checked at once."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop.readings import dense
from gradcheck.backprop.readings.written import computed_by
from gradcheck.backprop.transforms import value_and_gradient
from gradcheck.errors import GradcheckError, GradientInconclusive, GradientMismatch, UsageError
from gradcheck.network.formulas import formula_of
from gradcheck.network.tables import ACTIVATIONS, ADDED, OTHER_NAMES
from gradcheck.registration.judging import is_wrong
from gradcheck.results.outcomes import Outcome
from gradcheck.results.verdicts import Verdict
from gradcheck.symbolic.readings import activations
from gradcheck.symbolic.readings.written import slope_at, slope_in_words, written_in
from gradcheck.symbolic.systems import symbol
from gradcheck.verification import verify

# Where a formula is looked at: on both sides of 0, near it and far out, on no number at which a case would begin.
PLACES = (-9.13, -4.71, -2.57, -1.37, -0.74, -0.21, -0.03, 0.02, 0.23, 0.71, 1.39, 2.63, 4.67, 9.17)
Written = Callable[..., Any] | str


def register_activation(name: str, formula: Written, *, slope: Written | None = None) -> None:
    """An activation of that name from here on, in all opinions, the text form and the strategies.

    formula: a function of z and f, f holding exp, log, tanh, where ... (`network.formulas.FUNCTIONS`); or of z alone,
    with NumPy's functions; or a text, "z*tanh(softplus(z))". Its slope is derived, or the engine takes `slope`,
    written in the same way. Either is held against the exact slope and differences at PLACES: raises GradientMismatch
    where it is wrong, GradientInconclusive where it can be decided nowhere, UsageError for a formula without a finite
    value for each number, or a name that is taken (the same formula once more is fine).
    """
    _ensure_name(name)
    read = formula_of(formula)
    by_symbols, value = written_in(read), computed_by(name, read, None)
    words = _called(name, slope_in_words, by_symbols)
    known = activations.ACTIVATION_RULES.get(name)
    if known is not None and known(symbol("z")) != by_symbols(symbol("z")):
        raise UsageError(f"there is an activation {name!r} already, with another formula: take another name")
    _ensure_values(name, value)
    rule = value if slope is None else computed_by(name, read, formula_of(slope))
    _ensure_slope(name, rule, by_symbols, f"it is {words}" if words else "leave out slope=, and it is derived")
    activations.ACTIVATION_RULES[name] = by_symbols
    dense.ACTIVATION_RULES[name] = rule
    if known is None:
        ADDED.setdefault("activation", []).append(name)


def _ensure_name(name: str) -> None:
    if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name!r} is no name for an activation: take small letters, digits and _, as in hard_tanh")
    if name in (*ACTIVATIONS, *OTHER_NAMES):
        raise UsageError(f"there is an activation {name!r} already: take another name")


def _ensure_values(name: str, value: Callable[[Any], Any]) -> None:
    """Raises UsageError unless there is one finite number for each."""
    with np.errstate(all="ignore"):
        found = np.asarray(_called(name, value, np.array(PLACES)))
    if found.shape != (len(PLACES),):
        raise UsageError(
            f"{name!r} makes shape {found.shape} of {len(PLACES)} numbers: an activation makes one of each, by itself"
        )
    for z, number in zip(PLACES, found.tolist(), strict=True):
        if not np.isfinite(number):
            raise UsageError(f"{name!r} is {number} at z = {z}: an activation is finite for every number, use where")


def _called(name: str, function: Callable[[Any], Any], z: Any) -> Any:
    """The value; raises UsageError where the formula raises."""
    try:
        return function(z)
    except GradcheckError:
        raise
    except Exception as error:
        raise UsageError(f"the formula of {name!r} raises {type(error).__name__}: {error}") from error


def _ensure_slope(name: str, rule: Callable[[Any], Any], by_symbols: Callable[[Any], Any], mend: str) -> None:
    """Raises GradientMismatch where the slope by reverse mode is neither the exact one nor that of the differences."""
    decided = False
    for z in PLACES:
        exact = _called(name, lambda at: slope_at(by_symbols, at), z)
        verdict = _judged(name, rule, z, exact)
        if is_wrong(verdict):
            raise GradientMismatch(
                f"the slope of {name!r} at z = {z}: yours is {float(verdict.yours)!r}, the true one {exact!r}, by "
                f"differences {float(verdict.numeric)!r}: {mend}"
            )
        decided |= verdict.outcome is Outcome.AGREE
    if not decided:
        raise GradientInconclusive(f"the slope of {name!r} can be decided at none of {PLACES}: make the formula smooth")


def _judged(name: str, rule: Callable[[Any], Any], z: float, exact: float) -> Verdict:
    with np.errstate(all="ignore"):
        slope = _called(name, lambda at: value_and_gradient(rule, at)[1], np.array(z))
    (verdict,) = verify(lambda at: float(rule(at["z"])), {"z": slope}, {"z": z}, exact={"z": np.array(exact)})
    return verdict
