"""Directional probes: one line through all parameters at once says of every partial a little.

A direction moves entry i by t · reach_i · z_i with z_i one of 256 numbers, spread evenly over (-1, 1) and all equally
likely. reach_i = unit / max(|g_i|, floor): each entry moves f by as much, so that each shows its relative error.

What a probe misses. Let one entry be wrong by r · max(|g_i|, floor), and let the probe bound what lies between the
slope of f and g · v by T. The fault adds r · unit · z_i to it, and stays unseen only if that falls into an interval of
length 2T that the other entries place. The z_i lie 1/128 apart, so at most 128 · 2T / (r · unit) + 1 of the 256 fall
into it: P(miss) <= T / (r · unit) + 1/256, whatever the interval. Directions are drawn after the fault was made and
independently of one another: k probes miss with at most the product. (T holds the truncation seen along the same
direction, so it is not strictly independent of z_i; 1/256 is kept for every probe, however sharp.)
Two faults cancel in one probe only where z_i / z_j is minus their ratio: 1 of 256, as for one fault and another z.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.agreement import STEPS, Glance, look
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.lines import Line, values_along
from gradcheck.numeric.loans import Arrays
from gradcheck.numeric.pieces import dot, length_of, pieces_of
from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate

ATOMS = 256
# Entries below this part of the parameter's root mean square move as if they had it (PERF.md 1b).
FLOOR = 0.01
# ... and never less than this, or inverses, and a million of them together, would leave the floats.
SMALLEST = 2.0**-1000
# Rows of so many entries have their random bytes kept: 1024 of them are a megabyte.
SHORT = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The directions through a point: how far each entry may move, and what a relative fault of 1 then adds to a slope.

    point, gradient, reach: arrays by name. size: the expected |g∘v|, beside which a slope counts as small. grain: what
    rounding of the moved parameters adds to f.
    """

    point: Arrays
    gradient: Arrays
    reach: Arrays
    unit: float
    size: float
    grain: float
    seed: int

    def direction(self, k: int) -> dict[str, Floats]:
        """The k-th direction, the same at every call."""
        return {name: _draw(reach, (self.seed, k, i)) for i, (name, reach) in enumerate(self.reach.items())}

    def entry(self, k: int, name: str, flat: int) -> float:
        """How far the k-th direction moves one entry; flat: its row-major number."""
        bits = _bits(self.reach[name].size, (self.seed, k, list(self.reach).index(name)))
        return float((bits[flat] + 0.5) * (self.reach[name].reshape(-1)[flat] * 2 / ATOMS))

    def slope_by_gradient(self, direction: Arrays) -> float:
        """g · v."""
        return sum(dot(self.gradient[name], along) for name, along in direction.items())


def field_around(point: Arrays, gradient: Arrays, seed: int = 0) -> Field:
    """The directions for a gradient of finite numbers at a point: unit steps are as long as the point itself."""
    reach = {name: np.abs(one, out=np.empty(one.shape)) for name, one in gradient.items()}
    means = {name: length_of(one) / max(one.size, 1) ** 0.5 for name, one in gradient.items()}
    for name, one in reach.items():
        np.maximum(one, max(FLOOR * (means[name] or max(means.values()) or 1 / FLOOR), SMALLEST), out=one)
        np.reciprocal(one, out=one)
    length = math.hypot(*(length_of(point[name]) for name in reach)) or 1.0
    unit = length / (math.hypot(*map(length_of, reach.values())) / 3**0.5)
    for one in reach.values():
        one *= unit
    size = math.hypot(*(length_of(gradient[name], one) for name, one in reach.items())) / 3**0.5
    grain = EPS * math.hypot(*(length_of(gradient[name], point[name]) for name in reach))
    return Field(point, gradient, reach, unit, size, grain, seed)


def probe(line: Line, direction: Arrays, centre: float) -> Glance:
    """What six evaluations along the direction say of the slope there; all fields (1,)."""
    values = values_along(line, direction, [*STEPS.tolist(), *(-STEPS[::-1]).tolist()])
    plus, minus = np.array(values[:3])[:, None], np.array(values[:2:-1])[:, None]
    return look(STEPS[:, None], plus, minus, centre)


def ladder_along(line: Line, direction: Arrays, shift: int = 0) -> Estimate:
    """The full ladder of the slope along the direction, of shape ()."""
    return estimate(lambda at: values_along(line, direction, [float(at["t"])])[0], {"t": 0.0}, shift=shift)["t"]


def _draw(reach: Floats, key: tuple[int, ...]) -> Floats:
    """reach · z, z = -255/256, -253/256 ... 255/256; eight random bits a number are the cheapest to be had."""
    bits, reaches = _bits(reach.size, key), reach.reshape(-1)
    along = np.empty(reach.size)
    for piece in pieces_of(reach.size):
        target = along[piece]
        np.copyto(target, bits[piece])
        target += 0.5
        target *= reaches[piece]
    along *= 2 / ATOMS
    return along.reshape(reach.shape)


def _bits(count: int, key: tuple[int, ...]) -> NDArray[np.int8]:
    """So many random bytes; those of short rows are kept: to seed a generator takes as long as 50,000 of its bytes."""
    return _kept_bits(count, key) if count <= SHORT else _drawn_bits(count, key)


@lru_cache(maxsize=1024)
def _kept_bits(count: int, key: tuple[int, ...]) -> NDArray[np.int8]:
    bits = _drawn_bits(count, key)
    bits.setflags(write=False)
    return bits


def _drawn_bits(count: int, key: tuple[int, ...]) -> NDArray[np.int8]:
    """Raw words of a generator, 8 bytes each, at a tenth of what `Generator.bytes` takes."""
    words = np.random.SFC64(np.random.SeedSequence(key)).random_raw(-(-count // 8))
    return np.asarray(words, dtype="<u8").view(np.int8)[:count]


def smallest_seen(bounds: Sequence[float], unit: float, miss: float) -> float:
    """The relative fault r of one entry that probes with these bounds T miss with at most that probability.

    Solves the product of T / (r unit) + 1/256 over the probes = miss; infinite where even 1/256 each is not enough.
    """
    if (1 / ATOMS) ** len(bounds) >= miss:
        return float("inf")
    low, high = -400.0, 400.0  # of ln r; 60 halvings leave 1e-15 of it
    for _ in range(60):
        middle = (low + high) / 2
        least = math.exp(middle) * unit
        missed = math.prod(min(1.0, (bound / least if least else math.inf) + 1 / ATOMS) for bound in bounds)
        low, high = (middle, high) if missed > miss else (low, middle)
    return math.exp(high)
