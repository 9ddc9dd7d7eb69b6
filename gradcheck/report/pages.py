"""A result laid out as a page: plain data, every choice of what is shown already made."""

from dataclasses import dataclass

from markupsafe import Markup

from gradcheck.labels import label
from gradcheck.report.figures.curves import StepPicture, draw_steps
from gradcheck.report.figures.graphs import GraphPicture, draw_graph
from gradcheck.report.figures.maps import MapPicture, draw_blindness
from gradcheck.report.findings import MARKS, WORDS
from gradcheck.report.markup import formula_markup
from gradcheck.report.numbers import exact, listed, relative, scientific, short, value
from gradcheck.results.derivations import Derivation
from gradcheck.results.figures import BlindMap, Evidence
from gradcheck.results.outcomes import SEVERITY, Outcome
from gradcheck.results.result import CheckedPoint, Diagnosis, Discrepancy, Result
from gradcheck.results.verdicts import Entry, Verdict

# Up to this many entries all are shown, in the order of the parameters; beyond it the gravest `WORST`.
ALL_ROWS, WORST = 40, 20
# Numbers of a point that are written out: a page of them, and no more.
POINT_NUMBERS = 60
# What may be missing and has a place of its own on the page; the sentence for anything else stands among the notes.
PLACED = ("graph", "steps", "blind", "discrepancy", "exact", "backprop", "opinions")
EXIT_CODES = {Outcome.AGREE: 0, Outcome.DISAGREE: 1, Outcome.INCONCLUSIVE: 3}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of opinions."""

    entry: Entry
    mark: str
    word: str
    yours: str
    relative: str


@dataclass(frozen=True, slots=True)
class Exactly:
    """A discrepancy with its formulas as MathML."""

    label: str
    yours: Markup | None
    true: Markup | None
    formula: Markup
    vanishes: str
    words: str | None


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
    """Everything the templates show; `absent` holds the sentence for a figure that could not be had."""

    loss_name: str
    counts: tuple[tuple[str, str, int], ...]
    rows: tuple[Row, ...]
    all_rows: int
    hidden_rows: int
    hidden_words: str
    opinions_title: str
    has_exact: bool
    has_backprop: bool
    has_given: bool
    remarks: tuple[tuple[str, str], ...]
    absent: dict[str, str]
    absent_opinions: tuple[str, ...]
    discrepancies: tuple[Exactly, ...]
    diagnosis_notes: tuple[str, ...]
    graph: GraphPicture | None
    steps: StepPicture | None
    blind_map: MapPicture | None
    blind_words: dict[str, str]
    derivations: tuple[Derivation, ...]
    points: tuple[PointCard, ...]
    command: str
    exit_code: int


def page_of(result: Result) -> Page:
    """The page of a result."""
    evidence = result.evidence or Evidence()
    entries = [entry for verdict in result.parameters for entry in _entries(verdict)]
    total = sum(verdict.grades.size for verdict in result.parameters)
    rows = _rows(result, entries)
    absent = dict(evidence.missing)
    opinions = [any(getattr(v, field) is not None for v in result.parameters) for field in ("exact", "backprop")]
    diagnosis = result.diagnosis or Diagnosis()
    steps = draw_steps(evidence.steps, result.outcome is Outcome.AGREE) if evidence.steps else None
    return Page(
        loss_name=_loss_name(result),
        counts=_counts(result.parameters),
        rows=rows,
        all_rows=total,
        hidden_rows=total - len(rows),
        hidden_words=_hidden_words(result, rows),
        opinions_title=_opinions_title(sum(opinions) + 1),
        has_exact=opinions[0],
        has_backprop=opinions[1],
        has_given=len(result.points) > 1 and result.point.kind != "given",
        remarks=_remarks(result),
        absent=absent,
        absent_opinions=tuple(absent[key] for key in ("exact", "backprop", "opinions") if key in absent),
        discrepancies=tuple(_exactly(one) for one in diagnosis.discrepancies),
        diagnosis_notes=(*diagnosis.notes, *(absent[key] for key in absent if key not in PLACED)),
        graph=draw_graph(evidence.graph) if evidence.graph and evidence.graph.nodes else None,
        steps=steps,
        blind_map=draw_blindness(evidence.blind) if evidence.blind else None,
        blind_words=_blind_words(evidence.blind, _loss_name(result)) if evidence.blind else {},
        derivations=result.derivations,
        points=tuple(_point_card(point, n, result) for n, point in enumerate(result.points)),
        command=_command(result),
        exit_code=EXIT_CODES[result.outcome],
    )


def names_of(result: Result) -> set[str]:
    """Every name that may stand in a sentence: parameters, values of the graph, of the derivations and of the map."""
    names = {verdict.name for verdict in result.parameters}
    if result.evidence and result.evidence.graph:
        names |= {node.name for node in result.evidence.graph.nodes}
        names |= {edge.text.split(":")[0] for edge in result.evidence.graph.edges}
    if result.evidence and result.evidence.blind:
        names |= {result.evidence.blind.x_name, result.evidence.blind.y_name}
    for derivation in result.derivations:
        names |= {one.name for one in derivation.definitions} | {derivation.parameter}
        names |= {name for path in derivation.paths for name in path.names}
    return {name.split("[")[0] for name in names if name and " " not in name}


def _loss_name(result: Result) -> str:
    return result.derivations[0].loss if result.derivations else result.subject.loss


def _entries(verdict: Verdict) -> list[Entry]:
    """All entries of a small parameter; of a large one those that lead by outcome and relative error."""
    flat = verdict.grades.ravel()
    order = sorted(range(flat.size), key=lambda n: (-flat[n], -_rank(float(verdict.relative_error.flat[n]))))
    kept = range(flat.size) if flat.size <= ALL_ROWS else order[:WORST]
    return [verdict.entry(_index(n, verdict.shape)) for n in kept]


def _index(n: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index: list[int] = []
    for size in reversed(shape):
        n, place = divmod(n, size)
        index.insert(0, place)
    return tuple(index)


def _rank(error: float) -> float:
    return float("inf") if error != error else error


def _rows(result: Result, entries: list[Entry]) -> tuple[Row, ...]:
    if sum(verdict.grades.size for verdict in result.parameters) > ALL_ROWS:
        entries = sorted(entries, key=lambda e: (-SEVERITY.index(e.outcome), -_rank(e.relative_error)))[:WORST]
    missing = {verdict.name for verdict in result.parameters if verdict.reason and verdict.reason.name == "MISSING"}
    return tuple(_row(entry, entry.label.split("[")[0] in missing) for entry in entries)


def _row(entry: Entry, missing: bool) -> Row:
    wrong = entry.outcome is Outcome.DISAGREE
    error = relative(entry.relative_error, wrong) if entry.relative_error == entry.relative_error else "—"
    return Row(entry, MARKS[entry.outcome], WORDS[entry.outcome], "none" if missing else value(entry.yours), error)


def _counts(verdicts: tuple[Verdict, ...]) -> tuple[tuple[str, str, int], ...]:
    """(word, mark, how many entries), gravest first."""
    return tuple(
        (WORDS[outcome], MARKS[outcome], sum(int((v.grades == SEVERITY.index(outcome)).sum()) for v in verdicts))
        for outcome in (Outcome.DISAGREE, Outcome.AGREE, Outcome.INCONCLUSIVE)
    )


def _hidden_words(result: Result, rows: tuple[Row, ...]) -> str:
    shown = [sum(row.word == WORDS[outcome] for row in rows) for outcome in SEVERITY]
    hidden = [sum(int((v.grades == n).sum()) for v in result.parameters) - shown[n] for n in range(len(SEVERITY))]
    verbs = ("agree", "are inconclusive", "disagree")
    return listed([f"{number:,} {verb}" for number, verb in zip(hidden, verbs, strict=True) if number])


def _opinions_title(opinions: int) -> str:
    return f"{ {1: 'One opinion', 2: 'Two opinions', 3: 'Three opinions'}[opinions] } on every partial derivative"


def _remarks(result: Result) -> tuple[tuple[str, str], ...]:
    """What a verdict says beyond its numbers, once per parameter."""
    return tuple(
        (verdict.name, verdict.remark or (verdict.reason.value if verdict.reason else ""))
        for verdict in result.parameters
        if verdict.remark or verdict.reason
    )


def _exactly(one: Discrepancy) -> Exactly:
    return Exactly(
        label=one.label,
        yours=formula_markup(one.yours) if one.yours else None,
        true=formula_markup(one.true) if one.true else None,
        formula=formula_markup(one.formula),
        vanishes=listed(list(one.vanishes), "or"),
        words=one.words,
    )


def _blind_words(blind: BlindMap, loss: str) -> dict[str, str]:
    meaning = f"Each cell is a check of {blind.label} with other values of {blind.x_name} and {blind.y_name}, everything else as at the checked point."
    colours = "Pale cells are blind: there the wrong value is right by chance. Dark cells show the fault."
    own = _own_words(blind)
    return {"title": colours, "text": " ".join(part for part in (meaning, colours, own, _training_words(blind, loss)) if part)}


def _own_words(blind: BlindMap) -> str:
    if blind.own[0] == blind.own[1]:
        return f"Your point lies on the pale line {blind.x_name} = {blind.y_name}, so a check there passes."
    return "Your point lies where the map is pale, so a check there passes."


def _training_words(blind: BlindMap, loss: str) -> str:
    if not blind.training_steps or blind.losses is None:
        return ""
    before, after = (_loss_text(x) for x in blind.losses)
    text = f"The blue line is training with your own gradient: in {blind.training_steps:,} steps {loss} goes from {before} to {after}"
    if blind.gap_after_training == 0:
        return f"{text}, and {blind.x_name} = {blind.y_name} still holds exactly: training never leaves the line, so it never shows the fault either."
    if blind.gap_after_training is not None:
        return f"{text}; afterwards {blind.x_name} and {blind.y_name} differ by {short(blind.gap_after_training)}."
    return f"{text}."


def _loss_text(x: float) -> str:
    return short(x) if x == 0 or abs(x) >= 0.01 else scientific(x, 1)


def _point_card(point: CheckedPoint, n: int, result: Result) -> PointCard:
    title = "your own point" if point.kind == "given" else f"generic point (seed {point.seed})"
    decides = ": the verdict is from here" if point is result.point and len(result.points) > 1 else ""
    return PointCard(
        title=f"{title}, {_loss_name(result)} = {value(point.loss)}{decides}",
        mark=MARKS[point.outcome],
        word=WORDS[point.outcome],
        numbers=_numbers(point),
        coincidences=point.coincidences,
    )


def _numbers(point: CheckedPoint) -> tuple[tuple[str, str], ...]:
    """Every number under its label; of a large point the shapes only."""
    if sum(array.size for array in point.values.values()) > POINT_NUMBERS:
        return tuple((name, " × ".join(map(str, array.shape)) or exact(float(array))) for name, array in point.values.items())
    return tuple(
        (label(name, _index(n, array.shape)), exact(x))
        for name, array in point.values.items()
        for n, x in enumerate(array.ravel().tolist())
    )


def _command(result: Result) -> str:
    subject = result.subject
    seed = f" --seed {result.point.seed}" if result.point.seed else ""
    if subject.path:
        return f"gradcheck check {subject.path}{seed}"
    seed = f", seed={result.point.seed}" if result.point.seed else ""
    return f"gradcheck.check({subject.loss}, {subject.grad}, at=...{seed})"
