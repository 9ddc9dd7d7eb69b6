"""The ways to run a case otherwise: with other constants or data, a batch of another size, other lengths, more rows."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from gradcheck.diagnosis.moving import moved_origin
from gradcheck.diagnosis.renumbering import renumbered_origin
from gradcheck.diagnosis.resizing import Reach, Resize, resized_array, resized_origin
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, Origin, loss_at
from gradcheck.subject.reruns import run_tree
from gradcheck.subject.structures import flatten

Point = Mapping[str, Floats]
# (what is other in words, how to make the case and the point)
Way = tuple[str, Callable[[], tuple[Case, Point]]]
# Batch sizes that are asked for: an odd one that no size of a network is, most likely, one more, a single sample.
BATCHES = (7, 3, 1)
REACHES: tuple[Reach, ...] = ("sizes", "axes", "rows")
# So many of the things that have a length are named.
NAMED = 2
# The seed of the points that are made.
SEED = 41
# What comes again is moved by up to this part, lest equal rows hide a fault.
MOVED = 0.3


def ways_of(case: Case, point: Point) -> Iterator[list[Way]]:
    """All of them, in groups of which one that can be run is enough; each raises where it cannot be gone."""
    return chain.from_iterable(kind(case, point) for kind in (_by_constants, _by_data, _by_batch, _by_length, _by_rows))


def _by_constants(case: Case, point: Point) -> Iterator[list[Way]]:
    """Other numbers for the file's named constants: all of them, else those that are no whole numbers."""
    yield [("other constants", partial(_renumbered, case, point, whole)) for whole in (True, False)]


def _by_data(case: Case, point: Point) -> Iterator[list[Way]]:
    """Other numbers in the file's data."""
    yield [("other data", partial(_with_other_data, case, point))]


def _with_other_data(case: Case, point: Point) -> tuple[Case, Point]:
    """The case with other data, and a point; raises ValueError where there are none that matter."""
    other, own = _run_anew(case, moved_origin(case), point)
    if loss_at(case, own) == loss_at(other, own):
        raise ValueError("no data matters")
    return other, own


def _renumbered(case: Case, point: Point, whole: bool) -> tuple[Case, Point]:
    """The case with other constants, and a point; raises ValueError where there are none that matter."""
    other, own = _run_anew(case, renumbered_origin(case, whole), point)
    if loss_at(case, own) == loss_at(other, own):
        raise ValueError("no constant matters")
    return other, own


def _by_batch(case: Case, point: Point) -> Iterator[list[Way]]:
    """The file's own points of other batch sizes, where its function takes a second number."""
    maker = case.fresh_point
    if maker is not None and len(inspect.signature(maker).parameters) > 1:
        for size in BATCHES:
            yield [(f"a batch of {size}", partial(_of_batch, case, point, size))]


def _of_batch(case: Case, point: Point, size: int) -> tuple[Case, Point]:
    made = _made(case, case.fresh_point, size)
    if {n: a.shape for n, a in made.items()} == {n: a.shape for n, a in point.items()}:
        raise ValueError("the second number is no size")
    return case, made


def _by_length(case: Case, point: Point) -> Iterator[list[Way]]:
    """For each length of data and parameters, how it may be changed: everywhere first, then in fewer places.

    Where a number of the file is the same, that may be by chance: it stays what it is at last.
    """
    lengths = lengths_of(case, point)
    numbers = {one for one in _held_by(case) if type(one) is int}
    for reaches, chosen in ((REACHES, lengths), (REACHES[1:], [one for one in lengths if one in numbers])):
        for old in chosen:
            resizes = [Resize(old, new, reach) for reach in reaches for new in others_than(old, lengths)]
            yield [
                (f"{one.new} for {old}{_called(case, point, one)}", partial(_resized, case, point, one))
                for one in resizes
            ]


def _by_rows(case: Case, point: Point) -> Iterator[list[Way]]:
    """More rows of one parameter alone, where something else has as many by chance: a batch among the parameters."""
    lengths = lengths_of(case, point)
    axes = [length for array in point.values() for length in array.shape]
    for name, array in point.items():
        rows = array.shape[0] if array.ndim > 1 else 0
        if axes.count(rows) > 1:
            more = Resize(rows, others_than(rows, lengths)[-1], "rows")
            yield [(f"{more.new} for {rows} (`{name}.shape[0]`)", partial(_of_rows, case, point, name, more))]


def _of_rows(case: Case, point: Point, name: str, more: Resize) -> tuple[Case, Point]:
    return case, {**point, name: _grown(point[name], more)}


def _resized(case: Case, point: Point, resize: Resize) -> tuple[Case, Point]:
    """The case and a point with another length; raises ValueError where nothing has it."""
    other, own = _run_anew(case, resized_origin(case, resize), point)
    moved = own if resize.reach == "rows" else {name: _grown(array, resize) for name, array in own.items()}
    if not _is_other(case, other, point, moved):
        raise ValueError("nothing has this length")
    return other, moved


def _run_anew(case: Case, origin: Origin | None, point: Point) -> tuple[Case, Point]:
    """The case of an origin and its own point; raises ValueError where there is no text to run."""
    if origin is None:
        raise ValueError("there is no text to run again")
    module = run_tree(case, origin.parse(origin.text, case.subject.path or ""), {})
    maker = getattr(module, getattr(case.fresh_point, "__name__", ""), None)
    return origin.remake(module), _made(case, maker) if callable(maker) else point


def _made(case: Case, maker: Any, *sizes: int) -> Point:
    return flatten(case.form.pack(maker(SEED, *sizes)), case.form.names[0]).arrays


def _is_other(case: Case, other: Case, point: Point, moved: Point) -> bool:
    """Is a shape of the parameters another, or the loss, for its data are?"""
    if {n: a.shape for n, a in moved.items()} != {n: a.shape for n, a in point.items()}:
        return True
    return loss_at(case, moved) != loss_at(other, moved)


def _grown(array: Floats, resize: Resize) -> Floats:
    """A parameter with the new length; what comes again is moved apart, its signs staying."""
    taken: Floats = resized_array(array, resize.old, resize.new, resize.reach)
    if taken.size <= array.size:
        return taken
    return taken * (1 + MOVED * np.random.default_rng(SEED).uniform(-1, 1, taken.shape))


def lengths_of(case: Case, point: Point) -> list[int]:
    """The lengths of parameters and data, those that most axes have first, but the first axes of data before."""
    data = [shape for one in _held_by(case) for shape in _shapes_in(one)]
    axes = [length for shape in [*data, *(array.shape for array in point.values())] for length in shape]
    first = {shape[0] for shape in data if shape}
    return sorted({one for one in axes if one > 1}, key=lambda one: (one not in first, -axes.count(one), one))


def _held_by(case: Case) -> list[Any]:
    """What the file keeps at its top, and what is passed along."""
    functions = case.functions
    return [*_space_of(case).values(), *functions.args, *(functions.kwargs or {}).values()]


def _space_of(case: Case) -> Mapping[str, Any]:
    space: Mapping[str, Any] = getattr(inspect.unwrap(case.functions.loss), "__globals__", {})
    return space


def _called(case: Case, point: Point, resize: Resize) -> str:
    """` (`N`, `len(x)`)`: what has the length that is another now, by name; empty where nothing with a name has."""
    held = {name: one for name, one in _space_of(case).items() if not name.startswith("_")}
    numbers = [name for name, one in held.items() if type(one) is int and one == resize.old]
    axes = 1 if resize.reach == "rows" else None
    data = {name: one for name, one in held.items() if isinstance(one, np.ndarray | list | tuple) and _is_regular(one)}
    sizes = [
        f"{name}.shape[{axis}]" if np.ndim(one) > 1 else f"len({name})"
        for name, one in {**point, **data}.items()
        for axis, length in enumerate(np.shape(one)[:axes])
        if length == resize.old
    ]
    named = [*(numbers if resize.reach == "sizes" else ()), *sizes][:NAMED]
    return f" ({', '.join(f'`{one}`' for one in named)})" if named else ""


def others_than(length: int, taken: Sequence[int]) -> list[int]:
    """A shorter and a longer one, which nothing else has; of two only a longer one."""
    shorter = [one for one in range(length - 1, 1, -1) if one not in taken][:1]
    return [*shorter, next(one for one in range(length + 1, length + len(taken) + 2) if one not in taken)]


def _shapes_in(value: Any) -> list[tuple[int, ...]]:
    """The shapes of data: of an array or a table; of a list of others its length, and those of its first one."""
    if not isinstance(value, np.ndarray | list | tuple):
        return []
    if _is_regular(value):
        return [np.shape(value)]
    first, length = (value[:1], [(len(value),)]) if isinstance(value, list) else (value, [])
    return [*length, *(shape for part in first for shape in _shapes_in(part))]


def _is_regular(value: object) -> bool:
    try:
        return np.asarray(value).dtype.kind in "fiub"
    except ValueError:  # rows of several lengths
        return False
