"""A slow top is run once: what it made is put back, and where that is not all that it did, it is run again."""

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from gradcheck.subject import first_runs
from gradcheck.subject.cases import Case, loss_at
from gradcheck.subject.reruns import run_text
from gradcheck.subject.targets import case_of_file
from gradcheck.subject.trusting import with_trusted_top

TEXT = '''"""A net."""
import math, sys, threading


class Scale:
    size = 1.0

    @classmethod
    def grow(cls):
        cls.size *= 3


SLOW
point = {"w": 1.5}


def loss(w):
    return total * Scale.size * w * w


def grads(w):
    return {"w": 2 * total * Scale.size * w}
'''
COUNTED = "total = sys.counted(4.0)"


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every run; every statement is slow."""
    monkeypatch.setattr(first_runs, "SLOW", 0.0)
    counted: list[int] = []
    monkeypatch.setattr(sys, "counted", lambda value: counted.append(1) or value, raising=False)
    return counted


def case_with(slow: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.chdir(folder)
    (folder / "net.py").write_text(TEXT.replace("SLOW", slow))
    return with_trusted_top(case_of_file("net.py"))


def test_it_is_not_run_again(runs: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_with(COUNTED, tmp_path, monkeypatch)
    assert case.origin is not None
    assert case.origin.top.kept
    assert not case.origin.top.again
    changed = run_text(case, case.origin.text.replace("2 * total", "3 * total"))
    assert changed.grads(1.0) == {"w": 12.0}
    assert changed.total == 4.0
    assert runs == [1]


def test_other_data_before_it_run_it_again(runs: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_with("scale = 2.0\n" + COUNTED.replace("4.0", "2 * scale"), tmp_path, monkeypatch)
    assert case.origin is not None
    assert run_text(case, case.origin.text.replace("scale = 2.0", "scale = 5.0")).total == 10.0
    assert runs == [1, 1]


@pytest.mark.parametrize("slow", [COUNTED + "\nScale.grow()", COUNTED + "\n[Scale.grow() for _ in range(2)]"])
def test_what_a_statement_did_beside_making_data_is_seen(
    slow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_with(slow, tmp_path, monkeypatch)
    assert case.origin is not None
    assert not case.origin.top.kept
    assert case.origin.top.again
    again = case.origin.remake(run_text(case, case.origin.text))
    assert loss_at(again, {"w": 1.5}) == loss_at(case, {"w": 1.5})


def test_what_cannot_be_copied_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_with(COUNTED + "\nlock = threading.Lock()", tmp_path, monkeypatch)
    assert case.origin is not None
    line = case.origin.text.splitlines().index("lock = threading.Lock()") + 1
    assert case.origin.top.again == {line}
    assert case.origin.top.kept
    assert run_text(case, case.origin.text).lock.acquire(blocking=False)


OUTSIDE = """import logging, os, warnings
logging.warning("said once")
warnings.warn("an old thing")
warnings.simplefilter("error")
os.chdir("inside")
with open("log", "a") as log:
    log.write("*")
number = len(sys.counted([1, 2]))
total = 4.0
"""


def test_what_reaches_outside_is_done_once_and_never_again(
    runs: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(first_runs, "SLOW", 60.0)
    (tmp_path / "inside").mkdir()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        case = case_with(OUTSIDE, tmp_path, monkeypatch)
        assert case.origin is not None
        for text in (case.origin.text, case.origin.text.replace("2 * total", "3 * total")):
            assert run_text(case, text).number == 2
    assert [str(one.message) for one in told] == ["an old thing"]
    assert caplog.messages == ["said once"]
    assert (tmp_path / "inside" / "log").read_text() == "*"
    assert len(runs) == 1 + 1 + 2, "what does not reach outside is run each time"
    whole = replace(case, origin=replace(case.origin, top=case.origin.top.outside))
    assert run_text(whole, case.origin.text).total == 4.0
    assert (tmp_path / "inside" / "log").read_text() == "*"
