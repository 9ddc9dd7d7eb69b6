"""A file that is slow to begin: it is mended all the same, or the user is told what takes so long."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gradcheck.checks.verbs import check_file
from gradcheck.diagnosis.slow_tops import remark_on_top
from gradcheck.program.tops import Top
from gradcheck.subject import first_runs
from gradcheck.subject.cases import Case
from gradcheck.subject.targets import case_of_file

TEXT = """import sys
began = sys.counted()
BEGIN
point = {"w": 1.5, "v": 0.5}


def loss(w, v):
    return w**2 * v


def grads(w, v):
    return {"w": 3 * w * v, "v": w**2}
"""


def all_slow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows with every run of the file, in which every statement is slow."""
    monkeypatch.setattr(first_runs, "SLOW", 0.0)
    runs: list[int] = []
    monkeypatch.setattr(sys, "counted", lambda: runs.append(1), raising=False)
    return runs


def written(folder: Path, begin: str) -> str:
    (folder / "net.py").write_text(TEXT.replace("BEGIN", begin))
    return str(folder / "net.py")


def test_a_slow_top_runs_once_for_the_check_and_once_for_each_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs = all_slow(monkeypatch)
    diagnosis = check_file(written(tmp_path, "")).diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].edits[0].new == "2"
    assert len(runs) <= 1 + 5  # five fixes are shown at most


def test_a_fix_that_is_wrong_where_the_whole_file_runs_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    all_slow(monkeypatch)
    # The gradient as it is stands in a kept table; with another one the file makes another loss.
    text = written(tmp_path, "")
    later = "seen = grads(1.0, 1.0)['w']\n"
    whole = Path(text).read_text().replace("w**2 * v", "w**2 * v * (seen / 3)") + later
    Path(text).write_text(whole)
    diagnosis = check_file(text).diagnosis
    assert diagnosis is not None
    assert not diagnosis.fixes


def with_top(case: Case, top: Top) -> Case:
    assert case.origin is not None
    return replace(case, origin=replace(case.origin, top=top))


def test_what_is_said_of_a_top_that_took_its_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    all_slow(monkeypatch)
    case = case_of_file(written(tmp_path, ""))
    assert list(remark_on_top(with_top(case, Top(seconds={2: 0.9})), 10.0)) == []
    assert list(remark_on_top(with_top(case, Top(seconds={2: 0.5, 3: 2.0})), 10.0)) == [
        "the top of the file took 2.5 s of CPU (line 3 the most): what loss and gradient do not need belongs under "
        '`if __name__ == "__main__":`'
    ]
    (told,) = remark_on_top(with_top(case, Top(seconds={3: 2.0}, again=frozenset({3}))), 10.0)
    assert "(line 3 the most), and as much each time that a change is tried: what" in told
