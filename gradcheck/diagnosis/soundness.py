"""How many statements of a backward pass give nothing but derivatives of the loss, or one multiple of such."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import gradients_of
from gradcheck.diagnosis.recognition import NEAR, orders
from gradcheck.diagnosis.roles import role_of_target
from gradcheck.diagnosis.witnesses import SAME, Court, are_near, are_telling, flat_of, in_order
from gradcheck.results.arrays import Floats

# What is right but for one factor everywhere (1/N comes at the end) is nearly as good; so many numbers tell.
SCALED, TELLING = 0.9, 4


def soundness_of(court: Court) -> float:
    """How many of a court's sites give derivatives of the loss, at its point; those that tell nothing count as such.

    Raises UserCodeError.
    """
    held: dict[int, list[Floats]] = {}

    def listening(site: int, value: Any) -> Any:
        flat = flat_of(value) if site in court.watched else None
        if flat is not None:
            held.setdefault(site, []).append(flat)
        return value

    gradients_of(court.bench, court.outputs.truth.point, listening)
    known = in_order(np.concatenate([court.derivatives, court.parts]))
    return sum(_share(court, site, values, known) for site, values in held.items())


def _share(court: Court, site: int, values: Sequence[Floats], known: Floats) -> float:
    """1 where all these numbers of a site are derivatives, a little less where all are by one factor, else 0.

    None is what a name promises another one of.
    """
    numbers = np.concatenate(values)
    if site in court.promised:
        return float(np.all(np.abs(numbers - court.promised[site]) <= SAME * abs(court.promised[site])))
    if _breaks_habit(court, site, values):
        return 0.0
    if are_near(numbers, known).all():
        return 1.0
    return SCALED if _are_multiples(numbers[are_telling(numbers) & np.isfinite(numbers)], known) else 0.0


def _breaks_habit(court: Court, site: int, values: Sequence[Floats]) -> bool:
    """Is a target called `dh` no multiple of the derivatives of the loss by its h, though it could be?"""
    roles = court.known.roles if court.known else ()
    target = court.bench.sites[site].target
    meant = role_of_target(target, {role.site.target for role in roles if role.site.target}) if target else None
    if meant is None or meant.of is not None or court.bench.sites[site].kind != "assign":
        return False
    told = [role.adjoints for role in roles if role.site.target == meant.by]
    numbers = np.concatenate(values)
    sized = [
        one for adjoints in told for one in orders(adjoints, len(values)) if sum(map(np.size, one)) == numbers.size
    ]
    return bool(sized) and not any(
        _is_multiple(numbers, np.concatenate([part.ravel() for part in one])) for one in sized
    )


def _is_multiple(numbers: Floats, other: Floats) -> bool:
    """Are they the other numbers times one?"""
    size = float(other @ other)
    apart = np.abs(numbers - other * (other @ numbers / size)).max() if size else np.abs(numbers).max()
    return bool(apart <= NEAR * np.abs(numbers).max())


def _are_multiples(numbers: Floats, known: Floats) -> bool:
    """Is there one factor with which all of them are among the known ones? Two numbers would say nothing."""
    _, first = np.unique(numbers, return_index=True)
    numbers = numbers[np.sort(first)]
    if len(numbers) < TELLING:
        return False
    factors = known[known != 0] / numbers[0]
    for number in numbers[1:]:
        factors = factors[are_near(factors * number, known)]
        if not factors.size:
            return False
    return True
