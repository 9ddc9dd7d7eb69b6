"""A run without end, or without bounds, costs only itself."""

import signal
import time
from contextlib import suppress

import numpy as np
import pytest

from gradcheck.errors import UserCodeError
from gradcheck.subject import limits
from gradcheck.subject.limits import limited


def endless(swallowing=()):
    while True:
        with suppress(*swallowing):
            np.sin(1.0)


@pytest.mark.parametrize("swallowing", [(), (Exception,)])
def test_an_endless_run_is_stopped(swallowing):
    with pytest.raises(UserCodeError, match=r"stopped after 0\.05 s"), limited(0.05):
        endless(swallowing)


def test_sleeping_is_stopped_too():
    with pytest.raises(UserCodeError, match="stopped after"), limited(0.01):
        time.sleep(60)


def test_what_is_quick_is_left_alone():
    with limited(5.0):
        assert sum(range(1000)) == 499500
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_errors_of_the_run_pass():
    with pytest.raises(ZeroDivisionError), limited(5.0):
        1 / 0  # noqa: B018


def many_quick_runs():
    for _ in range(10**7):
        with limited(30.0):
            np.sin(1.0)


def test_the_limit_around_stays_in_force():
    with pytest.raises(UserCodeError, match=r"0\.1 s"), limited(0.1):
        many_quick_runs()
    with pytest.raises(UserCodeError, match=r"0\.05 s"), limited(30.0), limited(0.05):
        endless()
    with pytest.raises(UserCodeError, match=r"0\.05 s"), limited(0.05), limited(30.0):
        endless()


def test_no_tick_tears_apart_what_is_said_of_a_run(monkeypatch):
    """The place of a run that was stopped takes long to find: the blocks around it go on all the same."""

    def slow(error):
        end = time.process_time() + 4 * limits.AGAIN
        while time.process_time() < end:
            pass
        return 7, ""

    def endless():
        with limited(0.05):
            while True:
                pass

    monkeypatch.setattr(limits, "last_own_line", slow)
    with limited(60.0), pytest.raises(UserCodeError, match=r"^line 7: stopped after 0.05 s"):
        endless()


@pytest.mark.parametrize("size", [10**12, 3 * 10**8])
def test_memory_is_bounded(size):
    with pytest.raises(MemoryError), limited(20.0, 10**8):
        np.ones(size // 8)
    assert np.ones(10**7).sum() == 10**7


def growing():
    grown = []
    while True:
        grown.append(np.ones(10**5))


def test_growing_without_end_is_bounded():
    with pytest.raises(MemoryError), limited(20.0, 10**8):
        growing()


@pytest.mark.parametrize("name", ["gc_callback", "_xla_gc_callback"])
def test_out_of_a_callback_of_the_garbage_collector_nothing_is_lost(name):
    """Whatever is raised in it is only printed: the end of the time waits until it is over."""
    space = {"end": time.process_time}
    exec(f"def {name}():\n    start = end()\n    while end() - start < 0.3: pass\n    return 'over'", space)
    seen = []

    def run():
        with limited(0.1):
            seen.append(space[name]())
            endless()

    with pytest.raises(UserCodeError, match=r"stopped after 0\.1 s"):
        run()
    assert seen == ["over"]
