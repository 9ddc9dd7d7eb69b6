"""A term or a factor with which a value is a derivative of the loss, whichever: for where it is not known which.

While another fault is there nobody can tell what a value should be; but that it should be the derivative of the loss by
something can be tried, for every term at once.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.insertions import insertions
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.fitting import Fit, shaped
from gradcheck.diagnosis.grips import Grip, grips_of
from gradcheck.diagnosis.levers import Lever
from gradcheck.diagnosis.pools import is_number
from gradcheck.diagnosis.terms import Term
from gradcheck.diagnosis.workplaces import Workplace
from gradcheck.results.arrays import Floats

# Columns of values, one for each term -> which of them are derivatives of the loss.
Right = Callable[[Floats], Floats]


def matched(workplace: Workplace, terms: Sequence[Term], are_right: Right) -> Iterator[Candidate]:
    """The terms that, put in, make derivatives of the loss of the value at the workplace's first moment.

    terms: with a value for every moment.
    """
    moment = workplace.moments[0]
    if not is_number(moment.value):
        return
    lever, here = _alone(moment), [_at_first(term) for term in terms]
    for grip in grips_of(workplace.place, (lever,)):
        shape = ((grip.values[0][0].shape,),)
        first = [(term, flat) for term in here if (flat := shaped(term, shape)) is not None]
        for how, sign, columns in _ways(grip, lever, first):
            for column in np.flatnonzero(are_right(columns)):
                yield from insertions(workplace.place, Fit(grip, how, first[column][0], sign), workplace.scalars)
        factors = _factors(workplace)
        for column in np.flatnonzero(are_right(_with(grip, lever, grip.flat[:, None] * factors))):
            fit = Fit(grip, "times", Term("1", (), 0.0), float(factors[column]))
            yield from insertions(workplace.place, fit, workplace.scalars)


def _factors(workplace: Workplace) -> Floats:
    """The numbers that may be missing: the usual ones, and those in scope with their inverses, of either sign."""
    found = {0.5, 2.0} | {abs(float(value)) for _, value, _ in workplace.scalars if value and np.isfinite(value)}
    sizes = sorted(found | {1 / one for one in found})
    return np.array([-1.0, *(sign * one for one in sizes if one != 1 for sign in (1, -1))])


def _alone(moment: Moment) -> Lever:
    """The lever of one moment that moves nothing but the value itself."""
    shape = np.shape(moment.value)
    size = int(np.prod(shape, dtype=int))
    return Lever((moment,), (shape,), np.eye(size), np.zeros(size), is_faithful=True)


def _at_first(term: Term) -> Term:
    return Term(term.text, ((term.values[0][0],),), term.cost, term.is_made)


def _ways(grip: Grip, lever: Lever, first: Sequence[tuple[Term, Floats]]) -> Iterator[tuple[str, float, Floats]]:
    """(how, its sign, the site's values with each of the terms put in so)."""
    if not first:
        return
    matrix, here = np.stack([flat for _, flat in first], axis=1), grip.flat[:, None]
    with np.errstate(all="ignore"):
        yield "times", 1.0, _with(grip, lever, matrix * here)
        yield "over", 1.0, _with(grip, lever, here / matrix)
        for sign in (1.0, -1.0):
            yield "add", sign, _with(grip, lever, here + sign * matrix)
            yield "replace", sign, _with(grip, lever, sign * matrix)


def _with(grip: Grip, lever: Lever, columns: Floats) -> Floats:
    """The site's value with each of the columns in the place of the grip's own."""
    had = np.ravel(np.asarray(lever.moments[0].value, dtype=float))[:, None]
    finite = np.where(np.isfinite(columns), columns, 0.0)
    return np.where(np.isfinite(columns).all(axis=0), had + grip.effect(finite - grip.flat[:, None]), np.nan)
