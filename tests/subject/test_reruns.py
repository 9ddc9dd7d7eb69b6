"""A text run once more: what did not change is not compiled again, and nothing else is different."""

import traceback

import pytest

from gradcheck.subject.reruns import run_text, run_tree
from gradcheck.subject.targets import case_of_file

TEXT = '''"""A net."""
import functools
# the scale
SCALE = 2.0; SHIFT = 1.0
"""no doc of the file"""


def loss(w):
    return SCALE * w * w + SHIFT


@functools.lru_cache
def rate(k):
    """Two lines:
one of them at the margin"""
    return k / 2


if SCALE > 1:
    def grads(w):
        return {"w": 2 * SCALE * w * rate(2)}


def point(seed):
    return {"w": 1.0 + seed}
# the end
'''
CHANGES = [
    ('"""A net."""', '"""Another net."""\nSCALE = 5.0'),
    ("SCALE = 2.0", "SCALE = 3.0"),
    ("SHIFT = 1.0", "SHIFT = 4.0\nMORE = SHIFT"),
    ("SCALE * w * w", "SCALE * (w\n    * w)"),
    ("k / 2", "k / 4"),
    ("at the margin", "at no margin"),
    ("@functools.lru_cache\n", ""),
    ("2 * SCALE * w * rate(2)", "SCALE * w"),
    ("1.0 + seed", "2.0 + seed"),
    ("    return k / 2\n", "    k = k / 2\n    return k\n"),
    ("\n\nif SCALE", "    # more\n\n    return k\n\n\nif SCALE"),
    ("k / 2\n", "k / 2\n\n\nelse_ = 1\n"),
    ("\n\ndef point", "else:\n    MORE = 3\n\n\ndef point"),
    ("def loss", "@functools.lru_cache\ndef loss"),
    ("# the end\n", "# the end\nMORE = loss(2.0)\n"),
    ("# the scale\n", "MORE = 1\n"),
    (TEXT[TEXT.index("def point") :], ""),
    ("", ""),
]


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(TEXT, encoding="utf-8")
    return case_of_file(path)


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_changed_text_does_what_the_whole_of_it_does(case, old, new):
    text = case.origin.text.replace(old, new, 1)
    seen, whole = run_text(case, text), run_tree(case, case.origin.parse(text, "net.py"), {})
    assert set(vars(seen)) == set(vars(whole))
    for name in ("SCALE", "SHIFT", "MORE", "__doc__"):
        assert getattr(seen, name, None) == getattr(whole, name, None)
    assert (seen.loss(3.0), seen.grads(3.0), seen.rate(8.0)) == (whole.loss(3.0), whole.grads(3.0), whole.rate(8.0))


def test_an_error_names_the_line_of_the_changed_text(case):
    module = run_text(case, case.origin.text.replace("k / 2", "k / 0"))
    with pytest.raises(ZeroDivisionError) as error:
        module.rate(1.0)
    assert traceback.extract_tb(error.value.__traceback__)[-1].lineno == 16


def test_a_text_that_is_no_python_is_none_when_changed(case):
    with pytest.raises(SyntaxError):
        run_text(case, case.origin.text.replace("k / 2", "k /"))


def test_what_did_not_change_is_not_compiled_again(case):
    first, second = (run_text(case, case.origin.text.replace("k / 2", f"k / {n}")) for n in (2, 4))
    assert first.loss.__code__ is second.loss.__code__
    assert first.grads.__code__ is second.grads.__code__


def test_two_runs_share_no_names(case):
    first, second = (run_text(case, case.origin.text) for _ in range(2))
    first.SCALE = 7.0
    assert second.loss(1.0) == 3.0
