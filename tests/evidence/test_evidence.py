"""The figures' numbers, against the source example's formulas on paper."""

import numpy as np
import pytest

from gradcheck.checks import check_file
from gradcheck.examples import path_of


@pytest.fixture(scope="module")
def result():
    return check_file(path_of("two_two_one.py"))


def test_the_map_is_blind_exactly_on_the_diagonal(result):
    blind = result.evidence.blind
    assert (blind.label, {blind.x_name, blind.y_name}) == ("b1", {"w5", "w6"})
    assert np.diag(blind.errors).max() < 1e-15  # 0 but for the order of a sum
    assert (blind.errors[~np.eye(len(blind.xs), dtype=bool)] > 1e-6).all()
    assert blind.own == (0.2, 0.2)


def test_the_map_is_the_relative_error_on_paper(result):
    blind, p = result.evidence.blind, {name: float(value) for name, value in result.point.values.items()}
    h1, h2 = (1 / (1 + np.exp(-(p[a] * 0.02 + p[b] * 0.03 + p["b1"]))) for a, b in (("w1", "w2"), ("w3", "w4")))
    w5, w6 = blind.xs[7], blind.ys[30]
    true, yours = w5 * h1 * (1 - h1) + w6 * h2 * (1 - h2), w5 * h1 * (1 - h1) + w5 * h2 * (1 - h2)
    assert blind.errors[30, 7] == pytest.approx(abs(true - yours) / max(abs(true), abs(yours)), rel=1e-9)


def test_training_never_leaves_the_diagonal(result):
    blind = result.evidence.blind
    assert blind.training_steps == 20_000
    assert blind.gap_after_training == 0
    np.testing.assert_array_equal(blind.training[:, 0], blind.training[:, 1])
    # SOURCES.md: from the source's own point w5 = w6 = 2.20525 after 20,000 steps of rate 0.001.
    assert blind.training[-1] == pytest.approx(2.20525, abs=5e-6)
    assert blind.losses[0] == pytest.approx(19.5317, abs=1e-4)
    assert blind.losses[1] < 1e-5


def test_the_step_curve_has_the_v_and_yours_stays_away(result):
    curve = result.evidence.steps
    assert curve.label == "b1"
    assert np.nanmin(curve.errors) < 1e-9
    assert curve.errors[0] > 1e-4
    assert curve.errors[-1] > 1e-4
    assert 0.1 < curve.yours < 1


def test_the_graph_has_the_chain_with_its_partials(result):
    graph = result.evidence.graph
    partials = {(edge.source, edge.target): (edge.text, edge.partial) for edge in graph.edges}
    assert partials["outh1", "neto"] == ("w5", float(result.point.values["w5"]))
    assert partials["outh2", "neto"] == ("w6", float(result.point.values["w6"]))
    assert partials["neto", "out"][1] == 1
    nodes = {node.name: node for node in graph.nodes}
    assert nodes["Loss"].kind == "loss"
    assert nodes["Loss"].adjoint == 1
    assert nodes["b1"].marked
    assert "w5" not in nodes
    assert nodes["b1"].column < nodes["neth1"].column < nodes["outh1"].column < nodes["neto"].column
    assert nodes["out"].adjoint == pytest.approx(nodes["out"].value - 7, rel=1e-14)


def test_the_edge_used_twice_and_the_edge_never_used_are_marked(result):
    roles = {edge.role: (edge.source, edge.target) for edge in result.evidence.graph.edges if edge.role}
    assert roles == {"twice": ("outh1", "neto"), "never": ("outh2", "neto")}
