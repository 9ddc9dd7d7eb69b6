"""Which sites the loss depends on, and which gradients each of the others moves: found by injecting noise."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Bench, Hook, Point, copied, gradients_of, loss_of
from gradcheck.diagnosis.values import numbers_in, with_numbers
from gradcheck.errors import GradcheckError
from gradcheck.subject.limits import limited

# Seconds for one disturbed run: noise in what a loop counts down by makes it endless.
LEAST, TIMES = 0.1, 10
# Noise relative to the value: far above rounding, near enough that no branch of most codes turns.
NOISE = 1e-3


@dataclass(frozen=True, eq=False)
class Influence:
    """What a run of loss and gradient showed.

    values: by site, its values in the order of its executions in the gradient's run; times: when each of these was, by
    how many of all sites' values came before; in_loss: the values of the loss's own run, of the sites that the loss
    depends on. loss_sites: those sites that ran for both, the specification.
    shared: those that ran for both but that the loss does not depend on, what a forward pass keeps. copies: sites of
    the gradient whose values the loss's own run had as well (a forward pass written out again); repeats: those that
    stand there word for word. moves: by site, the parameters whose gradients its noise moves; None where its value
    cannot be disturbed, or time was up. disturbed: by site, the gradient under its noise.
    """

    gradient: dict[str, Any]
    values: dict[int, list[Any]]
    times: dict[int, list[int]]
    in_loss: dict[int, list[Any]]
    loss_sites: frozenset[int]
    shared: frozenset[int]
    copies: frozenset[int]
    repeats: frozenset[int]
    moves: dict[int, frozenset[str] | None]
    disturbed: dict[int, dict[str, Any]]

    @property
    def forward(self) -> frozenset[int]:
        """The sites that the loss depends on, in its own run or in the gradient's."""
        return self.loss_sites | self.in_loss.keys()

    @property
    def backward(self) -> list[int]:
        """The sites that ran for the gradient and that the loss does not depend on, by number."""
        return sorted(self.moves)


def influence_of(bench: Bench, point: Point, deadline: float = inf) -> Influence:
    """Every site that runs at a point sorted by what depends on it; raises UserCodeError where the code itself does.

    deadline: on time.process_time(); of what is not disturbed by then, what runs for the loss as well counts as a part
    of it.
    """
    in_loss: dict[int, list[Any]] = {}
    start = time.process_time()
    loss = loss_of(bench, point, _recorder(in_loss))
    in_gradient: dict[int, list[Any]] = {}
    times: dict[int, list[int]] = {}
    gradient = gradients_of(bench, point, _recorder(in_gradient, times))
    seconds = LEAST + TIMES * (time.process_time() - start)
    shared = [number for number in in_gradient if number in in_loss]
    specified = frozenset(
        number
        for number in shared
        if time.process_time() > deadline or not _is_same_loss(bench, point, number, loss, seconds)
    )
    backward = [number for number in in_gradient if number not in specified]
    disturbed = {
        number: found
        for number in backward
        if any(map(is_disturbed, in_gradient[number])) and time.process_time() <= deadline
        if (found := _disturbed(bench, point, number, seconds)) is not None
    }
    known = {_key(value) for number, values in in_loss.items() if number not in backward for value in values}
    copies = frozenset(n for n in backward if _is_known(in_gradient[n], known - {None}))
    written = {bench.sites[number].text for number in in_loss if number not in backward}
    return Influence(
        gradient=gradient,
        values=in_gradient,
        times=times,
        in_loss={number: values for number, values in in_loss.items() if number not in backward},
        loss_sites=specified,
        shared=frozenset(shared) - specified,
        copies=copies,
        repeats=frozenset(number for number in copies if bench.sites[number].text in written),
        moves={number: _moved(gradient, disturbed.get(number)) for number in backward},
        disturbed=disturbed,
    )


def disturbing(number: int, seed: int = 0) -> Hook:
    """A hook that adds noise to every value of a site; booleans are turned round."""
    random = np.random.default_rng(seed)

    def hook(site: int, value: Any) -> Any:
        if site != number:
            return value
        if isinstance(value, bool | np.bool_):
            return type(value)(not value)
        if isinstance(value, np.ndarray) and value.dtype == bool:
            return ~value
        return with_numbers(value, [_noisy(one, random) for one in numbers_in(value)])

    return hook


def is_disturbed(value: Any) -> bool:
    """Does `disturbing` change such a value?"""
    is_mask = isinstance(value, np.ndarray) and value.dtype == bool
    return is_mask or isinstance(value, bool | np.bool_) or bool(numbers_in(value))


def _recorder(into: dict[int, list[Any]], times: dict[int, list[int]] | None = None) -> Hook:
    clock = count()

    def hook(site: int, value: Any) -> Any:
        into.setdefault(site, []).append(copied(value))
        if times is not None:
            times.setdefault(site, []).append(next(clock))
        return value

    return hook


def _noisy(array: np.ndarray[Any, Any], random: np.random.Generator) -> np.ndarray[Any, Any]:
    finite = np.where(np.isfinite(array), array, 0.0)
    scale = NOISE * np.where(finite == 0, np.abs(finite).max(initial=0.0) or 1.0, np.abs(finite))
    return np.asarray(finite + scale * random.uniform(0.5, 1.0, array.shape) * random.choice([-1.0, 1.0], array.shape))


def _is_same_loss(bench: Bench, point: Point, number: int, loss: float, seconds: float) -> bool:
    """Is the loss bit for bit the same under noise? One that raises, or does not end, depends on the site."""
    try:
        with limited(seconds):
            moved = loss_of(bench, point, disturbing(number))
    except (GradcheckError, ArithmeticError, ValueError):
        return False
    return moved == loss or (moved != moved and loss != loss)


def _disturbed(bench: Bench, point: Point, number: int, seconds: float) -> dict[str, Any] | None:
    """The gradient under noise at a site; None where it cannot be disturbed."""
    touched = False

    def watching(site: int, value: Any, hook: Hook = disturbing(number)) -> Any:  # noqa: B008
        nonlocal touched
        touched = touched or (site == number and is_disturbed(value))
        return hook(site, value)

    try:
        with limited(seconds):
            found = gradients_of(bench, point, watching)
    except GradcheckError:
        return None
    return found if touched else None


def _moved(base: Mapping[str, Any], disturbed: Mapping[str, Any] | None) -> frozenset[str] | None:
    """The parameters whose gradients the noise moved."""
    if disturbed is None:
        return None
    return frozenset(name for name in base if not is_equal(base[name], disturbed.get(name)))


def is_equal(first: Any, second: Any) -> bool:
    """Are two returned gradients the same, bit for bit?"""
    one, two = np.asarray(first), np.asarray(second)
    return np.array_equal(one, two, equal_nan=one.dtype.kind in "fc" and two.dtype.kind in "fc")


def _key(value: Any) -> tuple[Any, ...] | None:
    """What tells a value of several numbers from others; None for all else."""
    if isinstance(value, float) and value not in (0.0, 1.0, -1.0):
        return ((), value.hex())
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and len(np.unique(value)) > 1:
        return (value.shape, value.tobytes())
    return None


def _is_known(values: list[Any], known: set[tuple[Any, ...] | None]) -> bool:
    """Are they all known, what they consist of included? Zeros and ones are like any others."""
    keys = [{_key(part) for part in _parts(value)} - {None} for value in values]
    return bool(keys) and all(one and one <= known for one in keys)


def _parts(value: Any) -> Iterator[Any]:
    """The arrays and numbers in a tuple or list; else the value itself."""
    if type(value) in (list, tuple):
        for one in value:
            yield from _parts(one)
    else:
        yield value
