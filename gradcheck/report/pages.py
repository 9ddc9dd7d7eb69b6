"""A result laid out as a page: plain data, every choice of what is shown already made."""

from dataclasses import dataclass

from gradcheck.labels import entries
from gradcheck.report.captions import caption_of
from gradcheck.report.commands import check_again, cross_check_again
from gradcheck.report.excerpts import Excerpt, excerpt_of
from gradcheck.report.figures.curves import StepPicture, draw_steps
from gradcheck.report.figures.graphs import GraphPicture, draw_graph
from gradcheck.report.figures.layers import NetworkPicture, draw_network
from gradcheck.report.figures.maps import MapPicture, draw_blindness
from gradcheck.report.findings import MARKS, WORDS, point_in_words
from gradcheck.report.fixes import FixView, SuspectsView, fix_view, suspects_view
from gradcheck.report.numbers import coordinate, value
from gradcheck.report.tables import Row, counts_of, entry_count, hidden_in_words, remarks_of, rows_of
from gradcheck.results.diagnoses import Diagnosis, Discrepancy
from gradcheck.results.figures import Evidence
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import CheckedPoint, Result

# Numbers of a point that are written out: half a screen of them, and no more.
POINT_NUMBERS = 60
EXIT_CODES = {Outcome.AGREE: 0, Outcome.DISAGREE: 1, Outcome.INCONCLUSIVE: 3}
TITLES = ("One opinion", "Two opinions", "Three opinions")
# What may be missing and has a place of its own on the page; the sentence for anything else stands among the notes.
PLACED = ("graph", "steps", "blind", "discrepancy", "exact", "backprop", "opinions")


@dataclass(frozen=True, slots=True)
class PointCard:
    """A checked point in words and numbers."""

    title: str
    mark: str
    word: str
    numbers: tuple[tuple[str, str], ...]
    coincidences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the templates show beside the result itself; `absent` holds the sentence for a figure that is not there."""

    loss_name: str
    counts: tuple[tuple[str, str, int], ...]
    rows: tuple[Row, ...]
    all_rows: int
    hidden_words: str
    opinions_title: str
    table_point: str
    has_exact: bool
    has_backprop: bool
    yours: str
    has_given: bool
    remarks: tuple[tuple[str, str], ...]
    absent: dict[str, str]
    discrepancies: tuple[Discrepancy, ...]
    fix: FixView | None
    suspects: SuspectsView | None
    diagnosis_notes: tuple[str, ...]
    notes: tuple[str, ...]
    graph: GraphPicture | None
    steps: StepPicture | None
    blind_map: MapPicture | None
    network: NetworkPicture | None
    caption: str
    excerpts: tuple[Excerpt, ...]
    points: tuple[PointCard, ...]
    command: str
    exit_code: int

    @property
    def absent_opinions(self) -> tuple[str, ...]:
        """Why a column of the table is not there."""
        return tuple(self.absent[key] for key in ("exact", "backprop", "opinions") if key in self.absent)

    @property
    def hidden_rows(self) -> int:
        """How many entries are not shown."""
        return self.all_rows - len(self.rows)


def page_of(result: Result) -> Page:
    """The page of a result."""
    evidence, diagnosis = result.evidence or Evidence(), result.diagnosis or Diagnosis()
    rows, absent = rows_of(result), dict(evidence.missing)
    suspects = suspects_view(diagnosis)
    has_exact = any(verdict.exact is not None for verdict in result.parameters)
    has_backprop = any(verdict.backprop is not None for verdict in result.parameters)
    of_network = result.of_network
    return Page(
        loss_name=loss_name(result),
        counts=_counts(result),
        rows=rows,
        all_rows=entry_count(result),
        hidden_words=hidden_in_words(result, rows),
        table_point=_table_point(result),
        opinions_title=f"{TITLES[has_exact + has_backprop]} on every partial derivative",
        has_exact=has_exact,
        has_backprop=has_backprop and not of_network,
        yours="reverse mode" if of_network else "yours",
        has_given=len(result.points) > 1 and result.point.kind != "given",
        remarks=remarks_of(result),
        absent=absent,
        discrepancies=diagnosis.discrepancies,
        fix=fix_view(result),
        suspects=suspects,
        diagnosis_notes=tuple(_seen(note) for note in diagnosis.notes),
        notes=(*(() if suspects else diagnosis.notes), *_unplaced(absent), *result.notes),
        graph=draw_graph(evidence.graph) if evidence.graph and evidence.graph.nodes else None,
        steps=draw_steps(evidence.steps, result.outcome is Outcome.AGREE) if evidence.steps else None,
        blind_map=draw_blindness(evidence.blind) if evidence.blind else None,
        network=draw_network(evidence.network) if evidence.network else None,
        caption=caption_of(evidence.blind, loss_name(result)) if evidence.blind else "",
        excerpts=tuple(excerpt_of(derivation) for derivation in result.derivations),
        points=tuple(_card(point, result) for point in result.points),
        command=_command(result),
        exit_code=EXIT_CODES[result.outcome],
    )


def _seen(note: str) -> str:
    """What was noticed about the code begins with a piece of it; all else is said of the search itself."""
    return f"Also seen: {note}" if note.startswith("`") else note


def _unplaced(absent: dict[str, str]) -> tuple[str, ...]:
    """Why something is missing that has no place of its own on the page."""
    return tuple(absent[key] for key in absent if key not in PLACED)


def loss_name(result: Result) -> str:
    """What the loss is called in its own code, else the name of its function."""
    if result.of_network:
        return "Loss"
    return result.derivations[0].loss if result.derivations else result.subject.loss


def names_of(result: Result) -> set[str]:
    """Every name that may stand in a sentence: parameters, values of the graph, of the derivations and of the map."""
    names = {verdict.name for verdict in result.parameters}
    if result.evidence and result.evidence.graph:
        names |= {node.name for node in result.evidence.graph.nodes}
        names |= {edge.text for edge in result.evidence.graph.edges}
    if result.evidence and result.evidence.blind:
        names |= {result.evidence.blind.x_name, result.evidence.blind.y_name}
    if result.evidence and result.evidence.network:
        names |= {curve.name for gates in result.evidence.network.gates for curve in gates.curves}
    for derivation in result.derivations:
        names |= {one.name for one in derivation.definitions} | {derivation.parameter}
    return {name.split("[")[0] for name in names if name and " " not in name}


def _counts(result: Result) -> tuple[tuple[str, str, int], ...]:
    """(word, mark, how many entries)."""
    counts = counts_of(result)
    order = (Outcome.DISAGREE, Outcome.AGREE, Outcome.INCONCLUSIVE)
    return tuple((WORDS[outcome], MARKS[outcome], counts[outcome]) for outcome in order)


def _card(point: CheckedPoint, result: Result) -> PointCard:
    title = "your own point" if point.kind == "given" else f"generic point (seed {point.seed})"
    decides = ": the verdict is from here" if point is result.point and len(result.points) > 1 else ""
    return PointCard(
        title=f"{title}, {loss_name(result)} = {value(point.loss)}{decides}",
        mark=MARKS[point.outcome],
        word=WORDS[point.outcome],
        numbers=_numbers(point),
        coincidences=point.coincidences,
    )


def _numbers(point: CheckedPoint) -> tuple[tuple[str, str], ...]:
    """Every number under its label; of a large point the shapes only."""
    arrays = point.values.items()
    if sum(array.size for _, array in arrays) > POINT_NUMBERS:
        return tuple((name, " × ".join(map(str, array.shape)) or coordinate(float(array))) for name, array in arrays)
    return tuple(
        (text, coordinate(float(array[index]))) for name, array in arrays for text, index in entries(name, array.shape)
    )


def _table_point(result: Result) -> str:
    """Where the numbers of the table are taken, if several points were checked."""
    if len(result.points) < 2:
        return ""
    which = "your own point" if result.point.kind == "given" else "the generic point"
    return f"At {which} ({point_in_words(result.point)}):"


def _command(result: Result) -> str:
    subject, seed = result.subject, result.points[0].seed
    if subject.path:
        return check_again(subject, *(("--seed", str(seed)) if seed else ()))
    if result.of_network:
        return cross_check_again(subject)
    return f"gradcheck.check({subject.loss}, {subject.grad}, at=...{f', seed={seed}' if seed else ''})"
