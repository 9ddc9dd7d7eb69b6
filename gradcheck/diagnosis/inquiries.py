"""Who may be at fault: a wrong gradient looked into, before anything is repaired."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.diagnosis.adjoints import adjoints_at
from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import Bench, gradients_of, make_bench
from gradcheck.diagnosis.clues import with_clues
from gradcheck.diagnosis.fairness import fair_truths_at
from gradcheck.diagnosis.influence import Influence, influence_of
from gradcheck.diagnosis.means import with_means
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.standings import Standing, confirm, stand
from gradcheck.diagnosis.trials import try_sites
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.errors import GradcheckError
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, loss_at
from gradcheck.subject.safety import does_io

Point = Mapping[str, Floats]
Mask = NDArray[np.bool_]
# So many points are searched at, the rest of all are for verification alone.
SEARCHED, POINTS = 3, 8
# Of the time for the suspects, so much for what is true at those points.
FOR_TRUTHS = 0.5


@dataclass(frozen=True, eq=False)
class Inquiry:
    """What is known of a wrong gradient before anything is repaired.

    standings: of every site of the backward pass, by rank. searched: the truths at the search points, the deciding one
    first; truths: those where anything is wrong. wrong: the parameters that are. backward: the functions that ran for
    the gradient alone. program: loss and gradient, traced at the first point.
    """

    bench: Bench
    standings: tuple[Standing, ...]
    truths: tuple[Truth, ...]
    searched: tuple[Truth, ...]
    wrong: frozenset[str]
    backward: frozenset[str]
    influence: Influence
    program: Program | None

    @property
    def changeable(self) -> frozenset[str]:
        """The functions that ran for the gradient alone and do nothing but compute."""
        return frozenset(one for one in self.backward if does_io(self.bench.tree, one) is None)


def inquire(
    case: Case,
    points: Sequence[Point],
    wrong: Mapping[str, Mask],
    deadline: float,
    program: Program | None = None,
    known: Truth | None = None,
) -> Inquiry:
    """Who may be at fault, and the truths that say so; raises GradcheckError where the code cannot be tried.

    points: the one where it was found wrong first. wrong: masks of the wrong entries there, by name. deadline: on
    time.process_time(). program: traced at the first point, if it was; known: the truth there by differences.
    """
    seconds = FOR_TRUTHS * (deadline - time.process_time())
    names = frozenset(name for name, mask in wrong.items() if mask.any())
    truths = fair_truths_at(case, points[:SEARCHED], points[0], names, wrong, program, seconds, known)
    return inquire_into(make_bench(case), truths, names, deadline, program)


def inquire_into(
    bench: Bench,
    truths: Sequence[Truth],
    wrong: frozenset[str],
    deadline: float,
    program: Program | None = None,
    influence: Influence | None = None,
) -> Inquiry:
    """The same for these truths, which may leave parameters out; points where nothing is wrong are passed over.

    influence: of the sites at the first point, if it is known.
    """
    first = truths[0]
    if loss_at(bench.case, first.point) != first.loss:
        raise GradcheckError("the loss is another when the file is run again: seed what is random in it")
    influence = influence or influence_of(bench, first.point, deadline)
    telling = [(first, influence.gradient), *_telling(bench, truths[1:], deadline)]
    outputs = [outputs_of(truth, gradient) for truth, gradient in telling]
    known = with_means(adjoints_at(bench, first.point, influence.in_loss, program))
    angels = try_sites(bench, influence, wrong, outputs[0], deadline, known)
    if time.process_time() < deadline:
        angels = with_clues(angels, bench, influence, outputs[0])
    backward = _backward(bench, influence)
    standings = stand([*angels, *_others(bench, backward)], influence, wrong, first, known)
    confirmed = confirm(standings, bench, outputs[1:], deadline)
    program = known.program if known else program
    found = tuple(truth for truth, _ in telling)
    return Inquiry(bench, tuple(confirmed), found, tuple(truths), wrong, backward, influence, program)


def _telling(bench: Bench, truths: Sequence[Truth], deadline: float) -> Iterator[tuple[Truth, dict[str, Any]]]:
    """The truths by which anything is wrong, with the user's gradient there; those that time is left for."""
    for truth in truths:
        if time.process_time() > deadline:
            return
        gradient = gradients_of(bench, truth.point)
        if wrong_names(truth, gradient):
            yield truth, gradient


def narrowed(truth: Truth, names: Collection[str]) -> Truth:
    """A truth on these parameters alone."""
    values, bars = ({name: one[name] for name in one if name in names} for one in (truth.values, truth.bars))
    return replace(truth, values=values, bars=bars)


def _backward(bench: Bench, influence: Influence) -> frozenset[str]:
    """The functions that ran for the gradient alone."""
    functions = {bench.sites[n].function for n in influence.backward}
    return frozenset(functions - {bench.sites[n].function for n in influence.loss_sites})


def _others(bench: Bench, functions: Collection[str]) -> list[Angel]:
    """Heads of loops and branches, and indices, in these functions."""
    return [Angel(site, "unknown") for site in bench.sites if site.function in functions and not site.is_value]
