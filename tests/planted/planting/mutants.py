"""Every mistake at every place of every correct file, and those that an independent truth shows to be wrong."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from . import names, shapes, steps, terms
from .sources import Change, Place, Source, places
from .truths import Gradient, apart, copied, module_of, quietly, true_gradient

CORPUS = Path(__file__).parents[2] / "corpus"
MISTAKES = (*steps.MISTAKES, *shapes.MISTAKES, *names.MISTAKES, *terms.MISTAKES)  # the telling ones first
SEEDS = (0, 1)  # the point that a check of the file begins with, and the generic one that follows
# Below the first a mutant computes the same gradient in another way; between the two nobody could say.
EQUAL, WRONG = 1e-9, 1e-5
AROUND = {"overwritten_too_early", "done_twice", "left_out"}  # these move lines


@dataclass(frozen=True)
class Mutant:
    """A correct file with one mistake. lines: first and last line that may be named for it."""

    base: str
    kind: str
    changes: tuple[Change, ...]
    lines: tuple[int, int]

    @property
    def text(self) -> str:
        return Source(correct(self.base)).changed(self.changes)

    def __str__(self) -> str:
        now = " ".join(new.strip() for _, _, new in self.changes if new)
        return f"{self.base}: {self.kind} in line {self.lines[0]}: {now}"


@cache
def labels() -> dict[str, dict]:
    return json.loads((CORPUS / "labels.json").read_text(encoding="utf-8"))


@cache
def correct(name: str) -> str:
    """The text of a correct file, or the corrected text of a buggy one."""
    lines, label = (CORPUS / f"{name}.py").read_text(encoding="utf-8").split("\n"), labels()[name]
    if label["label"] == "buggy":
        lines[label["line"] - 1] = lines[label["line"] - 1].replace(label["wrong"], label["right"])
    return "\n".join(lines)


def bases(most_parameters: int) -> list[str]:
    """Correct files, and buggy ones, corrected first; equal texts once; those made to trap a checker are left out."""
    usable = (n for n, label in labels().items() if label["label"] != "hazard-correct")
    small = (name for name in sorted(usable) if labels()[name]["n_params"] <= most_parameters)
    return sorted({correct(name): name for name in small}.values())


def candidates(base: str) -> Iterator[Mutant]:
    """Every mistake that could be made, equal ones once."""
    seen = {correct(base)}
    for place in places(Source(correct(base))):
        for mistake in MISTAKES:
            for changes in mistake(place):
                mutant = Mutant(base, mistake.__name__, tuple(changes), _lines(place, mistake.__name__, changes))
                if mutant.text not in seen:
                    seen.add(mutant.text)
                    yield mutant


def _lines(place: Place, kind: str, changes: list[Change]) -> tuple[int, int]:
    """Of the statement, or of its head; where lines move, also the neighbours: what is missing has no line."""
    statement = place.statement
    last = statement.lineno if hasattr(statement, "body") else statement.end_lineno
    if kind == "overwritten_too_early":
        first = place.source.text.count("\n", 0, changes[0][0]) + 1
        return first, first + 1 + last - statement.lineno
    return (statement.lineno - 1, last + 1) if kind in AROUND else (statement.lineno, last)


@cache
def truths(base: str) -> tuple[Gradient | None, ...]:
    """Of the corrected file at each of SEEDS; None where its own gradients are not found to be the truth."""
    return tuple(_truth(correct(base), seed) for seed in SEEDS)


def _truth(text: str, seed: int) -> Gradient | None:
    truth, made = true_gradient(text, module_of(text).point(seed)), gradient_of(text, seed)
    return truth if truth and made and apart(made, truth) <= EQUAL else None


def gradient_of(text: str, seed: int) -> Gradient | None:
    """What a text's grads() returns; None where it raises or returns something else."""
    try:
        with quietly():
            module = module_of(text)
            made = module.grads(**copied(module.point(seed)))
            return {name: np.asarray(value, dtype=float) for name, value in made.items()}
    except Exception:
        return None


def errors(text: str, base: str) -> list[float] | None:
    """How wrong the gradients of a text are at each seed; None where it does not run, or there is no truth."""
    found = []
    for seed, truth in zip(SEEDS, truths(base), strict=True):
        made = gradient_of(text, seed) if truth is not None else None
        if made is None or made.keys() != truth.keys():
            return None
        found.append(apart(made, truth))
    return found


def is_wrong(text: str, base: str) -> bool:
    """Runs, gives finite gradients of the right shapes, and some differ from the truth at every seed."""
    found = errors(text, base)
    return found is not None and all(WRONG < error < np.inf for error in found)


def sample(count: int, seed: int, most_parameters: int, each: int = 3) -> list[Mutant]:
    """Wrong mutants, kind after kind in turn, at most `each` of one base and kind; the same for the same seed."""
    r = np.random.default_rng(seed)
    by_kind: dict[str, list[Mutant]] = {}
    for base in bases(most_parameters):
        for mutant in candidates(base):
            by_kind.setdefault(mutant.kind, []).append(mutant)
    queues = {kind: [pool[i] for i in r.permutation(len(pool))] for kind, pool in sorted(by_kind.items())}
    return _taken_in_turn(queues, count, each)


def _taken_in_turn(queues: dict[str, list[Mutant]], count: int, each: int) -> list[Mutant]:
    taken: list[Mutant] = []
    used: dict[tuple[str, str], int] = {}
    while any(queues.values()) and len(taken) < count:
        for queue in queues.values():
            while queue and len(taken) < count:
                mutant = queue.pop()
                key = mutant.base, mutant.kind
                if used.get(key, 0) < each and is_wrong(mutant.text, mutant.base):
                    used[key] = used.get(key, 0) + 1
                    taken.append(mutant)
                    break
    return taken


def pairs(mutants: Sequence[Mutant], count: int, seed: int) -> list[tuple[Mutant, Mutant]]:
    """Two mistakes in one file, in different lines that both stay where they are; wrong together and each alone."""
    still = [m for m in mutants if m.kind not in AROUND]
    couples = [(a, b) for a in still for b in still if a.base == b.base and a.lines < b.lines]
    r, found = np.random.default_rng(seed), []
    for i in r.permutation(len(couples)):
        if len(found) < count and is_wrong(together(couples[i]), couples[i][0].base):
            found.append(couples[i])
    return found


def together(mutants: Sequence[Mutant]) -> str:
    """The text with all these mistakes of one base."""
    return Source(correct(mutants[0].base)).changed([change for mutant in mutants for change in mutant.changes])
