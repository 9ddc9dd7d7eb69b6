"""A script that trains whatever keeps its parameters: what is what is found out by running a turn of the training."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.subject.dataflow import writes
from gradcheck.subject.leaves import HELD, Path, code_of, names_for
from gradcheck.subject.pairing import by_name, by_step
from gradcheck.subject.rehearsals import Rehearsal, Snapshot, is_same, rehearse
from gradcheck.subject.turns import Turn, loss_names, texts_of, turns_of

Numbers = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Training:
    """One turn of a training, and what is what in it.

    place: of the turn among those of the script. loss: its variable; value: the number itself, as code. gradients:
    parameter -> gradient, as code; places: parameter -> every place that keeps it. kept: the variables that are put
    back before a call. left_out, after: statements, by `texts_of`, that step the parameters, and that come after all
    gradients. stepped: are there such steps?
    """

    turn: Turn
    place: int
    loss: str
    value: str
    gradients: Mapping[str, str]
    places: Mapping[str, tuple[Path, ...]]
    kept: tuple[str, ...]
    left_out: frozenset[tuple[str, int]]
    after: frozenset[tuple[str, int]]
    stepped: bool


def find_training(tree: ast.Module, path: str, loss: str | None = None) -> Training | None:
    """What a script trains; None where no turn of it computes a loss and the gradient of anything the loss feels."""
    best: Training | None = None
    for place, turn in enumerate(turns_of(tree, loss)):
        if best is not None and turn.line is None and best.turn.line is not None:
            break  # a loop that holds gradients tells more than what stands around it
        found = next(_trainings(turn, place, path, loss), None)
        if found is not None and found.stepped:
            return found
        if found is not None and (best is None or len(found.gradients) > len(best.gradients)):
            best = found
    return best


def _trainings(turn: Turn, place: int, path: str, loss: str | None) -> Iterator[Training]:
    """What a turn may be taken for, the likeliest first."""
    rehearsal = rehearse(turn, path)
    if rehearsal is None:
        return
    for _, name in loss_names(turn.body, loss):
        ends = max(n for n, one in enumerate(turn.body) if name in writes(one))
        value = _number_of(name, rehearsal.snapshots[ends])
        if value is not None:
            found = _training(rehearsal, place, name, value, ends)
            if found is not None:
                yield found


def _number_of(name: str, then: Snapshot) -> str | None:
    """The loss as code: a number, or what an object holds as its number."""
    paths = [(("name", name),), *((("name", name), ("attr", held)) for held in HELD)]
    found = (path for path in paths if (numbers := then.numbers.get(path)) is not None and numbers.size == 1)
    path = next(found, None)
    return None if path is None else code_of(path)


def _training(rehearsal: Rehearsal, place: int, loss: str, value: str, ends: int) -> Training | None:
    pairs = _pairs(rehearsal, loss, value, ends)
    if not pairs:
        return None
    steps = {n for n in range(len(rehearsal.turn.body)) for path in pairs if rehearsal.changes(path, n)}
    for left_out in ([n in steps for n in range(len(rehearsal.turn.body))], [False] * len(rehearsal.turn.body)):
        last = _last(rehearsal, left_out, pairs)
        if last is None or (left_out[ends] and any(left_out)):
            continue
        texts = texts_of(rehearsal.turn.body)
        names = names_for(list(pairs))
        return Training(
            turn=rehearsal.turn,
            place=place,
            loss=loss,
            value=value,
            gradients={names[path]: code_of(gradient) for path, gradient in pairs.items()},
            places={names[path]: rehearsal.start.same_as(path) for path in pairs},
            kept=rehearsal.kept(pairs),
            left_out=frozenset(text for n, text in enumerate(texts) if left_out[n]),
            after=frozenset(text for n, text in enumerate(texts) if n > last),
            stepped=bool(steps),
        )
    return None


def _last(rehearsal: Rehearsal, left_out: Sequence[bool], pairs: Mapping[Path, Path]) -> int | None:
    """The statement that makes the last of the gradients, without those that are left out; None where they lack."""
    again = rehearsal.again([n for n, out in enumerate(left_out) if not out])
    if again is None:
        return None
    last, before = None, rehearsal.start
    for n, then in again:
        held = {path: then.numbers.get(path) for path in pairs.values()}
        is_new = any(now is not None and not is_same(now, before.numbers.get(path)) for path, now in held.items())
        if is_new and all(now is not None for now in held.values()) and any(now.any() for now in held.values()):  # type: ignore[union-attr]
            last = n
        before = then
    return last


def _pairs(rehearsal: Rehearsal, loss: str, value: str, ends: int) -> dict[Path, Path]:
    """The parameters that the loss feels, each with its gradient."""
    found: dict[Path, Path] = {}
    for path in rehearsal.start.distinct():
        shown = rehearsal.start.numbers[path]
        if path[0][1] == loss:  # what is left of it from the turn before
            continue
        gradient = _gradient_of(rehearsal, path, shown)
        if gradient is not None and rehearsal.is_felt(path, value, ends):
            found[path] = gradient
    return found


def _gradient_of(rehearsal: Rehearsal, path: Path, numbers: Numbers) -> Path | None:
    """What is called like the gradient of a parameter, else what it is stepped against; None where neither is clear."""
    steps = [n for n in range(len(rehearsal.turn.body)) if rehearsal.changes(path, n)]
    places = [steps[0] - 1, steps[0]] if steps else [len(rehearsal.turn.body) - 1]
    for place in places:
        if place < 0:
            continue
        own = rehearsal.start.same_as(path)
        pool = {one: held for one, held in rehearsal.made_until(place).items() if one not in own}
        named = [one for mine in own for one in by_name(mine, pool, numbers.shape)]
        if steps:
            step = rehearsal.snapshots[steps[0]].numbers.get(path, numbers) - numbers
            against = by_step(step, float(np.abs(numbers).max()), pool)
            named = [one for one in named if one in against] or named or against
        if chosen := _one_of(named, pool):
            return chosen
    return None


def _one_of(paths: Sequence[Path], pool: Mapping[Path, Numbers]) -> Path | None:
    """The path that is the shortest to write, where all hold the same."""
    if not paths or any(not is_same(pool[one], pool[paths[0]]) for one in paths):
        return None
    return min(paths, key=lambda one: (len(one), code_of(one)))
