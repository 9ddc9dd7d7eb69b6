"""A turn of a training, run statement by statement: what it changes, what it makes, what the loss feels."""

import ast
import contextlib
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as Place
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.program.modules import importable, in_modules
from gradcheck.subject.dataflow import writes
from gradcheck.subject.draws import repeater
from gradcheck.subject.effects import kept_random_states
from gradcheck.subject.files import MODULE
from gradcheck.subject.keeping import copied
from gradcheck.subject.leaves import Path, Step, as_numbers, leaves_of, put
from gradcheck.subject.turns import Turn

# A number is moved by so much of itself, and so much, to see whether the loss feels it.
NUDGE = 2.0**-7
# An array that nobody changes is not copied when it is longer.
LONG = 1_000_000
Identity = tuple[int, Step | None]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The numbers that the variables hold at one moment, copied; identities: what is the same for one array, or one
    place of one object; others: of what is no number. arrays: the paths of these.
    """

    numbers: Mapping[Path, NDArray[Any]]
    identities: Mapping[Path, Identity]
    others: Mapping[Path, int]
    arrays: frozenset[Path]

    def same_as(self, path: Path) -> tuple[Path, ...]:
        """Every way to the same array, or number of one object, the path first."""
        own = self.identities[path]
        return (path, *(one for one, other in self.identities.items() if other == own and one != path))

    def distinct(self) -> list[Path]:
        """The shortest path of every number and array."""
        found: dict[Identity, Path] = {}
        for path in sorted(self.numbers, key=len):
            found.setdefault(self.identities[path], path)
        return list(found.values())


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A turn that was run once: how the variables stood before it, and after each of its statements."""

    turn: Turn
    module: ModuleType
    then: Mapping[str, Any]
    codes: Sequence[CodeType]
    put_back: Any
    start: Snapshot
    snapshots: list[Snapshot] = field(default_factory=list)

    def changes(self, path: Path, place: int) -> bool:
        """Does a statement change the numbers at a path?"""
        before = (self.snapshots[place - 1] if place else self.start).numbers.get(path)
        after = self.snapshots[place].numbers.get(path)
        return before is not None and after is not None and not is_same(before, after)

    def made_until(self, place: int) -> dict[Path, NDArray[Any]]:
        """The numbers after a statement that were not there, or others, before the turn."""
        return {
            path: numbers
            for path, numbers in self.snapshots[place].numbers.items()
            if not is_same(numbers, self.start.numbers.get(path))
        }

    def again(self, places: Collection[int]) -> list[tuple[int, Snapshot]] | None:
        """(statement, how the variables stand after it) of another run with these statements; None where it fails."""
        self._restore()
        found = []
        try:
            for place in places:
                self._run(place)
                found.append((place, _snapshot(self.module)))
        except (Exception, SystemExit):  # whatever a turn raises that lacks a statement
            return None
        return found

    def is_felt(self, path: Path, value: str, ends: int) -> bool:
        """Is the loss another after statement `ends`, if the numbers at a path are others before the turn?"""
        return bool(self._loss(value, ends, None) != self._loss(value, ends, path))

    def kept(self, paths: Collection[Path]) -> tuple[str, ...]:
        """The variables that the turn changes, that hold one of the paths, or share an array with those."""
        last = self.snapshots[-1]
        names = {str(path[0][1]) for path in paths}
        names |= {name for one in self.turn.body for name in writes(one)}
        for then, now in ((self.start.numbers, last.numbers), (self.start.others, last.others)):
            moved = [path for path in {*then, *now} if not is_same(then.get(path), now.get(path))]
            names |= {str(path[0][1]) for path in moved}
        while True:
            held = {i for path, i in self.start.identities.items() if path[0][1] in names}
            more = {str(path[0][1]) for path, i in self.start.identities.items() if i in held} - names
            if not more:
                return tuple(sorted(names & set(self.then)))
            names |= more

    def _loss(self, value: str, ends: int, path: Path | None) -> Any:
        self._restore()
        try:
            for one in self.start.same_as(path) if path else ():
                put(self.module.__dict__, one, self._nudged(one))
            for place in range(ends + 1):
                self._run(place)
            with in_modules(self.module):
                return float(np.asarray(eval(value, self.module.__dict__)).reshape(()))
        except (Exception, SystemExit):  # the number is a size, or whatever else must be what it is
            return self._loss(value, ends, None) if path else None

    def _nudged(self, path: Path) -> Any:
        numbers = self.start.numbers[path]
        fresh = numbers * (1 + NUDGE) + NUDGE * np.cos(np.arange(1.0, numbers.size + 1)).reshape(numbers.shape)
        return fresh if path in self.start.arrays else float(fresh)

    def _run(self, place: int) -> None:
        with in_modules(self.module), _quiet():
            exec(self.codes[place], self.module.__dict__)

    def _restore(self) -> None:
        names = self.module.__dict__
        for name in [one for one in names if one not in self.then and not one.startswith("__")]:
            if name in self.new_names:
                del names[name]
        names.update(copied(self.then))
        self.put_back()

    @cached_property
    def new_names(self) -> frozenset[str]:
        """The variables that only the turn makes."""
        made = {str(path[0][1]) for one in self.snapshots for path in (*one.numbers, *one.others)}
        return frozenset(made - set(self.then))


def rehearse(turn: Turn, path: str) -> Rehearsal | None:
    """A turn run once after what stands before it; None where either raises."""
    module = ModuleType(MODULE)
    module.__file__, module.__package__ = path, ""
    try:
        codes = [compile(ast.Module([one], []), path, "exec", dont_inherit=True) for one in turn.body]
        setup = compile(ast.Module(list(turn.setup), []), path, "exec", dont_inherit=True)
        with importable(Place(path).resolve().parent), in_modules(module), kept_random_states():
            with _quiet():
                exec(setup, module.__dict__)
            then = {name: value for name, value in vars(module).items() if _is_state(name, value)}
            found = Rehearsal(turn, module, copied(then), codes, repeater(vars(module)), _snapshot(module))
            for place in range(len(codes)):
                found._run(place)
                found.snapshots.append(_snapshot(module))
    except (Exception, SystemExit):  # whatever user code raises: then it is no such script
        return None
    return found if codes else None


def _snapshot(module: ModuleType) -> Snapshot:
    leaves = leaves_of(_variables(vars(module)), MODULE)
    numbers = {path: array for path, leaf in leaves.items() if (array := as_numbers(leaf.value)) is not None}
    arrays = frozenset(path for path in numbers if isinstance(leaves[path].value, np.ndarray))
    places = {path: (leaves[path].holder, path[-1]) for path in numbers}
    identities = {path: (id(leaves[path].value), None) if path in arrays else places[path] for path in numbers}
    others = {path: id(leaf.value) for path, leaf in leaves.items() if path not in numbers}
    return Snapshot(numbers, identities, others, arrays)


def _variables(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if not isinstance(value, ModuleType | FunctionType | type)}


def _is_state(name: str, value: Any) -> bool:
    """Is it a variable that a turn may change?"""
    is_data = isinstance(value, np.ndarray) and value.size > LONG
    return not (name.startswith("__") or is_data or isinstance(value, ModuleType | FunctionType | type))


def is_same(one: Any, other: Any) -> bool:
    """Are both the same numbers, or the same object?"""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return type(one) is type(other) and bool(one == other)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What a script prints on its way is no answer, and what it warns of neither."""
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        yield
