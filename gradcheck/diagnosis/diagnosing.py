"""From a wrong gradient to its suspects and fixes."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.diagnosis.adjoints import adjoints_at
from gradcheck.diagnosis.angelic import Angel
from gradcheck.diagnosis.benches import Bench, gradients_of, make_bench
from gradcheck.diagnosis.influence import influence_of
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.suspects import Standing, stand, suspects_of
from gradcheck.diagnosis.trials import try_sites
from gradcheck.diagnosis.truths import Truth, truth_at, wrong_names
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.results.diagnoses import Diagnosis, Suspect
from gradcheck.subject.cases import Case, loss_at

Point = Mapping[str, Floats]
# Part of the budget for the suspects, the rest is for the fixes.
FOR_SUSPECTS = 0.4
# So many points are searched at, the rest of all are for verification alone.
SEARCHED, POINTS = 3, 6


@dataclass(frozen=True, eq=False)
class Inquiry:
    """What is known of a wrong gradient before anything is repaired: standings by rank, truths, the point first."""

    bench: Bench
    standings: tuple[Standing, ...]
    truths: tuple[Truth, ...]
    fresh: tuple[Truth, ...]
    wrong: frozenset[str]

    @property
    def angels(self) -> list[Angel]:
        """The sites by rank."""
        return [one.angel for one in self.standings]


def diagnose(
    case: Case,
    points: Sequence[Point],
    wrong: Mapping[str, np.ndarray],
    budget: float,
    on_suspects: Callable[[Sequence[Suspect]], None] | None = None,
) -> Diagnosis:
    """Suspects and fixes of a wrong gradient.

    points: the one where it was found wrong first, then others, of which the last few are kept for verification. wrong:
    masks of the wrong entries there, by name. budget: CPU seconds. on_suspects: gets the suspects as soon as they are
    known. A note says why there are none.
    """
    try:
        with np.errstate(all="ignore"):
            inquiry = inquire(case, points, wrong, time.process_time() + FOR_SUSPECTS * budget)
    except GradcheckError as error:
        return Diagnosis(notes=(f"no line was named: {error}",))
    suspects = suspects_of(inquiry.standings, inquiry.wrong)
    if on_suspects is not None:
        on_suspects(suspects)
    statements = {id(one.angel.site.statement): one for one in reversed(inquiry.standings)}
    cleared = sum(one.angel.status == "exonerated" for one in statements.values())
    return Diagnosis(suspects=tuple(suspects), exonerated=cleared, considered=len(statements))


def inquire(case: Case, points: Sequence[Point], wrong: Mapping[str, np.ndarray], deadline: float) -> Inquiry:
    """Who may be at fault, and the truths that say so; raises GradcheckError where the code cannot be tried."""
    bench = make_bench(case)
    first = truth_at(case, points[0], wrong)
    if loss_at(bench.case, points[0]) != first.loss:
        raise GradcheckError("the loss is another when the file is run again: seed what is random in it")
    truths = [first, *(truth_at(case, point) for point in points[1:])]
    names = frozenset(name for name, mask in wrong.items() if mask.any())
    influence = influence_of(bench, points[0])
    search = [truth for truth in truths[:SEARCHED] if truth is first or _is_wrong_at(bench, truth)]
    outputs = [outputs_of(truth, gradients_of(bench, truth.point)) for truth in search]
    angels = try_sites(bench, influence, names, outputs, deadline)
    known = adjoints_at(bench, points[0], influence.in_loss)
    standings = stand(angels, influence, names, first, known)
    return Inquiry(bench, tuple(standings), tuple(search), tuple(truths[SEARCHED:]), names)


def _is_wrong_at(bench: Bench, truth: Truth) -> Collection[str]:
    return wrong_names(truth, gradients_of(bench, truth.point))
