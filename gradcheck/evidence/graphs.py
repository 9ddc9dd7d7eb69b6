"""The graph of a traced loss: named values with their adjoints, and the local partial on every edge."""

from collections.abc import Mapping, Sequence

from gradcheck.evidence.opinions import Opinions
from gradcheck.results.diagnoses import Discrepancy
from gradcheck.results.figures import Edge, Graph, Node
from gradcheck.results.formulas import Name

# A drawing with more values than this cannot be read at the width of a page.
MOST = 40


def draw_graph(opinions: Opinions, wrong: Sequence[str], discrepancy: Discrepancy | None, words: str) -> Graph | None:
    """The graph at the point of the opinions; None where there is no exact opinion, or it has too many values.

    A parameter that is the local partial of an edge (w5 on outh1 -> neto) is written on that edge instead of standing
    as a node, unless it is one of the `wrong` ones.
    """
    if opinions.exact is None or opinions.partials is None:
        return None
    exact, system = opinions.exact, opinions.partials.system
    texts = {pair: _edge_text(expr) for pair, expr in opinions.partials.local.items()}
    parameters = set(system.parameters)
    on_edges = {text for (_, source), text in texts.items() if source not in parameters}
    hidden = {name for name in parameters if name in on_edges and name not in wrong}
    edges = [(source, target) for target, source in texts if source not in hidden]
    ends = {name for pair in edges for name in pair}
    names = [name for name in (*system.values, *system.definitions) if name in ends]
    if len(names) > MOST:
        return None
    columns = _columns(names, edges, set(system.definitions))
    rows = _rows(names, columns)
    kinds = _kinds(names, parameters, set(system.definitions), system.loss)
    nodes = tuple(
        Node(name, kinds[name], columns[name], rows[name], exact.values[name], exact.adjoints[name], name in wrong)
        for name in names
    )
    drawn = tuple(
        Edge(source, target, exact.local[target, source], texts[target, source], _role(source, target, discrepancy))
        for source, target in edges
    )
    return Graph(nodes, drawn, words)


def _edge_text(expr: object) -> str:
    """The local partial where it is a single name; its number speaks where it is not."""
    from gradcheck.symbolic.formulas import to_formula

    formula = None if getattr(expr, "args", ()) else to_formula(expr)
    return formula.text if isinstance(formula, Name) else ""


def _role(source: str, target: str, discrepancy: Discrepancy | None) -> str:
    if discrepancy is None:
        return ""
    if (source, target) in discrepancy.used_twice:
        return "twice"
    return "never" if (source, target) in discrepancy.never_used else ""


def _columns(names: Sequence[str], edges: Sequence[tuple[str, str]], computed: set[str]) -> dict[str, int]:
    """Computed values as far right as their longest way from the start; a leaf stands just before its first reader."""
    column = dict.fromkeys(names, 0)
    for name in names:  # in the order of computing, so sources come first
        before = [column[source] for source, target in edges if target == name]
        column[name] = max(before) + 1 if before else 0
    for name in names:
        readers = [column[target] for source, target in edges if source == name]
        if name not in computed and readers:
            column[name] = min(readers) - 1
    return column


def _rows(names: Sequence[str], columns: Mapping[str, int]) -> dict[str, int]:
    taken: dict[int, int] = {}
    rows = {}
    for name in names:
        rows[name] = taken.get(columns[name], 0)
        taken[columns[name]] = rows[name] + 1
    return rows


def _kinds(names: Sequence[str], parameters: set[str], computed: set[str], loss: str) -> dict[str, str]:
    def kind(name: str) -> str:
        if name == loss:
            return "loss"
        return "hidden" if name in computed else "parameter" if name in parameters else "input"

    return {name: kind(name) for name in names}
