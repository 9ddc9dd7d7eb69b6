"""All figures of a result, and why one is missing."""

from collections.abc import Sequence

from gradcheck.errors import GradcheckError
from gradcheck.evidence.blindness import map_blindness
from gradcheck.evidence.graphs import draw_graph
from gradcheck.evidence.opinions import Opinions
from gradcheck.evidence.steps import curve_of
from gradcheck.labels import by_label
from gradcheck.results.diagnoses import Diagnosis
from gradcheck.results.figures import BlindMap, Evidence, Graph
from gradcheck.results.outcomes import SEVERITY
from gradcheck.results.result import CheckedPoint


def gather_evidence(
    given: CheckedPoint,
    deciding: CheckedPoint,
    opinions: Opinions,
    wrong: Sequence[str],
    diagnosis: Diagnosis | None,
    hiding: tuple[str, ...],
) -> Evidence:
    """The figures for a deciding point; `hiding`: the parameters whose coincidence hides the fault."""
    missing: list[tuple[str, str]] = []
    if opinions.missing:
        missing.append(("opinions", opinions.missing))
    graph = _graph(opinions, wrong, diagnosis, missing)
    blind = _map(given, deciding, opinions, wrong, hiding, missing)
    gravest = max(deciding.verdicts, key=lambda verdict: (SEVERITY.index(verdict.outcome), verdict.could_see))
    return Evidence(curve_of(gravest), blind, graph, tuple(missing))


def _graph(
    opinions: Opinions, wrong: Sequence[str], diagnosis: Diagnosis | None, missing: list[tuple[str, str]]
) -> Graph | None:
    shown = diagnosis.discrepancies[0] if diagnosis and diagnosis.discrepancies else None
    words = (shown.words if shown else None) or "Every value with its adjoint; on every arrow the local partial."
    graph = draw_graph(opinions, wrong, shown, words)
    if graph is None and opinions.exact is not None:
        missing.append(("graph", "the loss has too many named values to be drawn as a graph"))
    return graph


def _map(
    given: CheckedPoint,
    deciding: CheckedPoint,
    opinions: Opinions,
    wrong: Sequence[str],
    hiding: tuple[str, ...],
    missing: list[tuple[str, str]],
) -> BlindMap | None:
    """The map, where a fault hides behind a coincidence of two numbers and the traced code has no branches."""
    program = opinions.program
    if not wrong or len(hiding) < 2:
        return None
    if program is None or wrong[0] not in program.gradient:
        missing.append(("blind", "the map needs the hand-written gradient to be traced"))
        return None
    if program.branches:
        missing.append(("blind", "the code branches: a map would hold only near the point"))
        return None
    try:
        return map_blindness(
            program, wrong[0], (hiding[0], hiding[1]), by_label(given.values), by_label(deciding.values)
        )
    except GradcheckError as error:
        missing.append(("blind", str(error)))
        return None
