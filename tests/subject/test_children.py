"""Whatever user code does to its own process, its parent gets a value or one clear sentence."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from gradcheck.errors import UsageError, UserCodeError
from gradcheck.subject.children import ChildError, Top, run_each
from gradcheck.subject.files import load_file

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")


def answer(task, seconds=60.0, **options):
    """What the child of one task says."""
    return next(iter(run_each([("net.py", Path.cwd(), task)], seconds, **options)))


def test_a_value_comes_back_whole():
    array = np.arange(300_000.0)
    value = answer(lambda: {"array": array, "view": MappingProxyType({"a": 1})})
    np.testing.assert_array_equal(value["array"], array)
    assert value["view"] == {"a": 1}


def test_an_error_comes_back_as_its_sentence():
    def wrong():
        raise UsageError("net.py has no loss: write one")

    said = answer(wrong)
    assert isinstance(said, UsageError)
    assert str(said) == "net.py has no loss: write one"


def test_a_fault_of_ours_is_raised_with_its_traceback():
    with pytest.raises(ChildError, match="ZeroDivisionError"):
        answer(lambda: 1 / 0)


def hang():
    while True:
        pass


@pytest.mark.parametrize("inside", ["", "def turn():\n    while True: pass\nturn()\n"])
def test_a_top_without_end_is_told_of_and_ended_long_before_all_time_is_up(inside, tmp_path):
    file = tmp_path / "net.py"
    file.write_text(inside + "\nwhile True: pass\n")
    place = "line 2 in turn" if inside else "line 2"
    told = []
    said = answer(lambda: load_file(file), top=Top(1.0, 2.0, told.append))
    mend = 'what is done only by hand belongs under `if __name__ == "__main__":`'
    assert told == [
        f"net.py, {place}: the top of the file still runs after 1 s, and is ended after 2 s (--timeout sets both): "
        + mend
    ]
    assert str(said) == (
        f"net.py, {place}: the top of the file still ran after 2 s: {mend}; or give it more time with --timeout"
    )


def test_a_call_that_takes_long_is_no_top(tmp_path):
    told = []
    assert "in hang: still running after 1 s" in str(answer(hang, 1.0, top=Top(0.2, 0.4, told.append)))
    assert told == []


def test_a_hang_is_told_with_its_line():
    said = answer(hang, seconds=1.0)
    assert isinstance(said, UserCodeError)
    first = hang.__code__.co_firstlineno
    assert str(said) in [
        f"net.py, line {line} in hang: still running after 1 s: look for an endless loop there, or give it more time "
        "with --timeout"
        for line in (first + 1, first + 2)
    ]


SLOW_FORK = """
import os, signal, sys, time
from pathlib import Path
from gradcheck.subject.children import run_each
{hook}
try:
    print(*run_each([("net.py", Path.cwd(), lambda: {task})], {seconds}))
except KeyboardInterrupt:
    print("interrupted")
"""


def said_by(**parts):
    """What a fresh process says whose libraries have a hook on `fork`, as logging and jax have."""
    done = subprocess.run(
        [sys.executable, "-c", SLOW_FORK.format(**parts)], capture_output=True, text=True, timeout=60, check=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )  # fmt: skip
    return done.stdout.strip()


def test_an_interrupt_in_a_hook_on_fork_is_not_lost():
    hook = (
        "import threading; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"  # takes signals too
        "os.register_at_fork(after_in_parent=lambda: (os.kill(os.getpid(), signal.SIGINT), time.sleep(0.2)))"
    )
    assert said_by(hook=hook, task="time.sleep(30)", seconds=30) == "interrupted"


def test_the_time_of_a_child_begins_when_it_has_begun():
    hook = "os.register_at_fork(after_in_child=lambda: time.sleep(1.5))"
    assert said_by(hook=hook, task="'done'", seconds=1) == "done"


def test_sleep_is_a_hang():
    assert "still running after 0.3 s" in str(answer(lambda: time.sleep(10**6), seconds=0.3))


def test_a_crash_is_told_with_its_line(capfd):
    said = answer(lambda: ctypes.string_at(0))
    assert isinstance(said, UserCodeError)
    assert "crashed (SIGSEGV): look for a fault in compiled code" in str(said)
    assert "in <lambda>" in str(said)


@pytest.mark.parametrize("code", [0, 7])
def test_an_exit_in_the_middle(code):
    said = answer(lambda: os._exit(code))
    assert f"net.py ended the process with exit code {code} in the middle of the check" in str(said)


def test_being_killed_is_told():
    assert "was killed by the system (SIGKILL)" in str(answer(lambda: os.kill(os.getpid(), 9)))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of data is Linux's")
def test_memory_is_limited():
    def grow():
        held = []
        while True:
            held.append(np.ones(10**6))

    assert "net.py: it needs more memory than there is" in str(answer(grow, memory=2 * 10**9))


def test_nothing_can_be_read_and_prints_go_to_stderr(capfd):
    def talk():
        print("from Python")
        sys.stdout.flush()
        os.system("echo from a process")
        return sys.stdin.read()

    sys.stdout.flush()
    assert answer(talk) == ""
    out, _ = capfd.readouterr()
    assert "from a process" not in out


def test_a_child_works_in_its_folder(tmp_path):
    before = Path.cwd()
    assert next(iter(run_each([("net.py", tmp_path, os.getcwd)], 60.0))) == str(tmp_path.resolve())
    assert Path.cwd() == before


def test_several_at_a_time_answer_in_their_order():
    def slowly(seconds, value):
        return lambda: (time.sleep(seconds), value)[1]

    tasks = [("net.py", Path.cwd(), slowly(0.2 if value == 0 else 0.0, value)) for value in range(5)]
    assert list(run_each(tasks, 60.0, jobs=3)) == [0, 1, 2, 3, 4]


def test_a_hang_does_not_stop_the_others():
    tasks = [("a.py", Path.cwd(), hang), ("b.py", Path.cwd(), lambda: 1)]
    first, second = run_each(tasks, 0.5, jobs=2)
    assert "a.py" in str(first)
    assert second == 1


def test_leaving_early_leaves_no_child():
    answers = run_each([("a.py", Path.cwd(), lambda: 1), ("b.py", Path.cwd(), hang)], 60.0, jobs=2)
    assert next(answers) == 1
    answers.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
