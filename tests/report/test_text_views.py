"""The same finding on the terminal: plain, in colour, in ASCII; and the chain rule as text."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from gradcheck import check
from gradcheck.checks.derivations import derive_file
from gradcheck.report.as_text import lines_of, to_text
from gradcheck.report.derivations import derivation_to_text
from gradcheck.report.pages import page_of
from gradcheck.report.terminal import print_result
from gradcheck.results.result import Subject

KINDS = ["wrong", "right", "undecided", "arrays"]


def printed(result, monkeypatch, encoding="utf-8", tty=True, no_colour=False):
    if no_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    console = Console(file=stream, force_terminal=tty, width=60, color_system="standard" if tty else None)
    print_result(result, console)
    return raw.getvalue().decode(encoding)


def test_the_source_example_reads_as_in_the_issue(results):
    text = to_text(results["wrong"])
    flat = " ".join(text.split())
    assert text.startswith("✗ DISAGREE: The gradient of b1 is wrong\n")
    assert "b1 = b2 = 0.5) the gradient agrees, but the point is blind: w5 = w6" in flat
    assert "Moved to a generic point: w1 = 0.15, w2 = −0.35" in flat
    assert "yours − true = (out − y)·(w5 − w6)·outh2·(1 − outh2)" in text
    assert "of 56 faults planted into copies of these gradients the check saw 56 (at your own point 32)" in " ".join(
        text.split()
    )
    assert "gradcheck check two_two_one.py --report DIR" in text
    assert "gradcheck derive two_two_one.py b1 " in text
    assert "--stay" in text
    rows = [line.split() for line in text.splitlines() if line.endswith(("agree", "disagree"))]
    assert [row[0] for row in rows if row[-1] == "disagree"] == ["b1"]
    assert rows[6][1:3] == ["−1.267203", "0.233614"]


@pytest.mark.parametrize("kind", KINDS)
def test_sentences_keep_to_the_width(kind, results):
    assert max(len(line.text) for line in lines_of(results[kind])) <= 120


def test_what_was_not_traced_is_not_offered_for_derivation(results):
    text = to_text(results["arrays"])
    assert "gradcheck check layers.py --report DIR" in text
    assert "gradcheck derive" not in text


def test_functions_without_a_file_get_python_advice(results):
    text = to_text(replace(results["wrong"], subject=Subject(None, "loss", "grads")))
    assert "stay=True" in text
    assert "--" not in text


def test_agreement_needs_no_next_step(results):
    text = to_text(results["right"])
    assert text.startswith("✓ AGREE: All 8 gradients agree\n")
    assert "How to go on" not in text
    assert "degenerate" in text


def test_reasons_and_missing_opinions_are_told(results):
    text = " ".join(to_text(results["undecided"]).split())
    assert "compute the loss in float64" in text
    assert "no exact value: the loss could not be traced (line 12: float32)" in text
    assert 'result.to_html("page.html")' in text


def test_colour_only_on_a_terminal_and_never_with_no_color(results, monkeypatch):
    assert "\x1b[1;31m✗ DISAGREE: The gradient" in printed(results["wrong"], monkeypatch)
    assert "\x1b" not in printed(results["wrong"], monkeypatch, tty=False)
    assert "\x1b[31m" not in printed(results["wrong"], monkeypatch, no_colour=True).replace("1;", "")


@pytest.mark.parametrize("kind", KINDS)
def test_without_colour_the_terminal_prints_the_plain_text(kind, results, monkeypatch):
    assert printed(results[kind], monkeypatch, tty=False) == to_text(results[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_without_unicode_gets_ascii(kind, results, monkeypatch):
    text = printed(results[kind], monkeypatch, encoding="ascii", tty=False)
    assert "?" not in text.replace("? The", "").replace("? INCONCLUSIVE", "").replace("? inconclusive", "")
    sign = {"wrong": "X DISAGREE", "right": "ok AGREE", "undecided": "? INCONCLUSIVE", "arrays": "X DISAGREE"}
    assert text.startswith(f"{sign[kind]}: ")


def test_a_derivation_goes_path_by_path_to_the_total(made):
    text = derivation_to_text(made.derivation())
    assert "neth1 = w1·x1 + w2·x2 + b1" in text
    assert "Path 1 of 2: Loss ← out ← outh1 ← neth1 ← b1 (−272 % of the sum)" in text
    assert "∂outh2/∂neth2 = outh2·(1 − outh2) =  0.234189" in text
    assert text.endswith("∂Loss/∂b1 = −0.635280 + 0.868894 = 0.233614\n")


def test_too_many_paths_are_told_by_adjoints(made):
    text = derivation_to_text(made.delta_derivation())
    assert "1,099,511,627,776 paths: too many to list" in text
    assert "∂Loss/∂neth1 = ∂Loss/∂out·w5·outh1·(1 − outh1) = −0.635280" in text
    assert text.endswith("∂Loss/∂b1 = 0.233614\n")


@pytest.mark.parametrize(("rows", "is_whole"), [(2, True), (20, False)])
def test_of_too_many_values_some_of_each_array_are_told_and_where_the_rest_is(rows, is_whole, tmp_path):
    file = tmp_path / "net.py"
    file.write_text(
        "import numpy as np\n"
        f"X = np.arange({4.0 * rows}).reshape({rows}, 4) / 7\n"
        "point = {'W': np.arange(8.0).reshape(4, 2) / 9}\n"
        "def loss(W):\n    z = X @ W\n    a = np.tanh(z)\n    return np.sum(a * a)\n"
    )
    text = derivation_to_text(derive_file(str(file), "W[1,0]"))
    assert ("…" in text) == (not is_whole)
    assert len(text.splitlines()) < 60
    assert ("…" not in text) or text.endswith(
        "… stands for what is too much to be read: --format html has all of it; on fewer rows of data, or at a smaller "
        "point by --at, it is short.\n"
    )
    if not is_whole:
        assert "  z[0,0] = " in text
        assert "\n  … 18 more of z\n" in text
        assert max(map(len, text.splitlines())) < 180
    assert f" = {true_partial(rows):.6f}\n" in text


def true_partial(rows):
    data, weights = np.arange(4.0 * rows).reshape(rows, 4) / 7, np.arange(8.0).reshape(4, 2) / 9
    a = np.tanh(data @ weights)
    return (data.T @ (2 * a * (1 - a * a)))[1, 0]


def test_of_a_partial_that_is_zero_there_is_no_relative_error():
    result = check(lambda a, b: a * a + 0 * b, lambda a, b: {"a": 2 * a, "b": 1e-18}, at={"a": 1.5, "b": 0.7})
    rows = {row.entry.label: row for row in page_of(result).rows}
    assert (rows["b"].relative, rows["b"].word) == ("—", "agree")
    assert rows["a"].relative != "—"
