"""Derivatives of what the loss is a mean or a multiple of: a backward pass may leave that factor to its end."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints, Role

# The loss is n, or 1 / n, times such a part of it: no other factor is the same at every point. Up to so large an n.
WHOLE, LARGEST = 1e-9, 1e5
# So many factors are looked at: more stand in no loss that people wrote.
MOST = 2


def with_means(known: Adjoints | None) -> Adjoints | None:
    """What is known, also of the derivatives of what the loss is a mean or a multiple of."""
    if known is None:
        return None
    parts = _parts(known.roles)
    within = (
        replace(role, of=part, adjoints=[one / factor for one in role.adjoints])
        for factor, part in parts
        for role in known.roles
    )
    means = [known.sorted, *(known.sorted / factor for factor, _ in parts)]
    return replace(known, within=tuple(within), means=np.unique(np.concatenate(means)))


def _parts(roles: Sequence[Role]) -> list[tuple[float, Role]]:
    """(factor, what the loss is such a mean of); those first that run most often, of one factor one."""
    found: dict[float, Role] = {}
    for role in sorted(roles, key=lambda one: -len(one.adjoints)):
        factor = _factor(role)
        if factor is not None:
            found.setdefault(factor, role)
    return list(found.items())[:MOST]


def _factor(role: Role) -> float | None:
    """The derivative of the loss by a number, where that is the same at every point, but not one."""
    values = [float(one) for one in role.adjoints if one.ndim == 0]
    size = abs(values[0]) if len(values) == len(role.adjoints) and values else 0.0
    if not size or not np.isfinite(size) or any(abs(one - values[0]) > WHOLE * size for one in values):
        return None
    whole = max(size, 1 / size)
    is_whole = 1 + WHOLE < whole <= LARGEST and abs(whole - round(whole)) <= WHOLE * whole
    return values[0] if is_whole else None
