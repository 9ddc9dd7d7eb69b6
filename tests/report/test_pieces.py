"""The changes of a fix as a sentence names them: expressions with a name in them, never a lone sign or number."""

import pytest

from gradcheck.diagnosis.diffs import diff_of
from gradcheck.diagnosis.edits import Swap, read_source, to_edits
from gradcheck.report.fixes import fix_in_words
from gradcheck.results.diagnoses import Fix

CASES = {
    "an index": ("    g = y[n - 1] * x", "    g = y[n - 2] * x", "line 1 has `y[n - 1]` where `y[n - 2]` belongs"),
    "a name as an index": ("d = h[t] + c", "d = h[t - 1] + c", "line 1 has `h[t]` where `h[t - 1]` belongs"),
    "an axis that is missing": ("g[m] += a / b", "g[:, m] += a / b", "line 1 has `g[m]` where `g[:, m]` belongs"),
    "an index of an index": ("d = E[i[1]]", "d = E[i[2]]", "line 1 has `E[i[1]]` where `E[i[2]]` belongs"),
    "two slices": ("g[1:] = r[:-1]", "g[:-1] = r[1:]", "line 1 has `g[1:] = r[:-1]` where `g[:-1] = r[1:]` belongs"),
    "an axis by its number": ("s = x.sum(axis=0)", "s = x.sum(axis=1)", "line 1 has `axis=0` where `axis=1` belongs"),
    "a sign": ("dx = a * b", "dx = -a * b", "line 1 has `a` where `-a` belongs"),
    "an attribute": ("dx = d @ W", "dx = d @ W.T", "line 1 has `W` where `W.T` belongs"),
    "a name": ("dw = dy * u", "dw = dy * v", "line 1 has `u` where `v` belongs"),
    "a factor": ("dw = dy * u", "dw = dy * u * (1 - h ** 2)", "on line 1 `* (1 - h ** 2)` is missing"),
    "a number in a head": ("for t in f(1, T):", "for t in f(2, T):", "line 1 has `f(1, T)` where `f(2, T)` belongs"),
    "letters of two bytes": ("δ = w * 'é' + y[0]", "δ = w * 'é' + y[1]", "line 1 has `y[0]` where `y[1]` belongs"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_a_change_is_named_by_what_a_reader_finds(kind):
    old, new, words = CASES[kind]
    edits = to_edits(read_source(old), [Swap(0, len(old), new)])
    assert fix_in_words(Fix(1, edits, diff_of("net.py", old + "\n", new + "\n"), "", 3)) == words
