"""A limit of time and memory around one run of code that nobody vouches for."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from gradcheck.errors import UserCodeError
from gradcheck.subject.blame import last_own_line

if sys.platform != "win32":
    import resource

    SIGNALS = (signal.SIGPROF, signal.SIGALRM)

# A run that sleeps uses no CPU; on a busy machine one that computes takes this many times its CPU seconds, seldom more.
WALL = 20
# A bare `except:` in the code may swallow the first call to stop: it is repeated. So the timers tick, and a block in
# another one that may take some ticks needs no timers of its own: it is stopped a tick late at most.
AGAIN, TICKS = 0.05, 2
OURS = (__file__, contextlib.__file__)
# Out of a callback of the garbage collector (Hypothesis has one, and jax) no exception comes: the timer comes again.
DEAF = ("gc_callback", "_xla_gc_callback")
NEVER = (float("inf"), float("inf"))
# The blocks that are running, the inner ones last: CPU time and clock time at which each is stopped.
_ends: list[tuple[float, float]] = []


class OutOfTime(BaseException):
    """Raised inside the code that runs too long; no `except Exception` there holds it up."""


class Stopped(UserCodeError):
    """The code ran for longer than it may; the sentence holds its line."""


@contextlib.contextmanager
def limited(seconds: float, size: int | None = None, mend: str = "") -> Iterator[None]:
    """Stops the block after so many CPU seconds, and lets it have so many more bytes; raises UserCodeError.

    What exceeds the memory gets a MemoryError. Limits of blocks around this one stay in force. In another thread than
    the main one, and where the system has no timers, the block runs without a limit. seconds: infinity for none; blocks
    inside are cheaper then. mend: what the sentence ends with.
    """
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    is_timed = not _ends or seconds <= TICKS * AGAIN
    handlers = [signal.signal(number, _stop) for number in SIGNALS] if is_timed else []
    _ends.append((time.process_time() + seconds, time.monotonic() + WALL * seconds))
    try:
        with _room_for(size):
            if is_timed:
                _arm()
            yield
            if is_timed:
                _disarm()
            if _left(_ends[:-1]) <= 0:
                raise OutOfTime
    except OutOfTime as error:
        if _left(_ends[:-1]) <= 0:  # it was the time of a block around this one
            raise
        _ends[-1] = NEVER  # the timers tick on: what is said here is not torn apart by this block's own end
        line, function = last_own_line(error)
        place = f"line {line}{function}: " if line else ""
        raise Stopped(f"{place}stopped after {seconds:g} s: it runs without end, or too long{mend}") from None
    finally:
        if is_timed:
            _disarm()
        _ends.pop()
        if is_timed:
            for number, handler in zip(SIGNALS, handlers, strict=True):
                signal.signal(number, handler)
            _arm()


def _stop(number: int, frame: FrameType | None) -> None:
    """Ends what runs too long; what arms and disarms the timers is not torn apart, the timer comes again."""
    inside = frame is not None and (frame.f_code.co_filename in OURS or frame.f_code.co_name in DEAF)
    if not inside and _left(_ends) <= 0:
        raise OutOfTime


def _arm() -> None:
    """Lets the timers tick, and sets them to the first end of all running blocks."""
    if _ends:
        cpu, wall = (min(ends) for ends in zip(*_ends, strict=True))
        left = {signal.ITIMER_PROF: cpu - time.process_time(), signal.ITIMER_REAL: wall - time.monotonic()}
        for timer, seconds in left.items():
            signal.setitimer(timer, min(max(seconds, 1e-6), AGAIN), AGAIN)


def _disarm() -> None:
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        signal.setitimer(timer, 0)


def _left(ends: list[tuple[float, float]]) -> float:
    """The seconds that are left to the first of some blocks."""
    now = time.process_time(), time.monotonic()
    return min((end - n for one in ends for end, n in zip(one, now, strict=True)), default=float("inf"))


@contextlib.contextmanager
def _room_for(size: int | None) -> Iterator[None]:
    """While the block runs the process may hold `size` more bytes of data than now; None for what it may already."""
    if size is None or not sys.platform.startswith("linux"):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _held() + size
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if soft == resource.RLIM_INFINITY else min(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _held() -> int:
    """The bytes of data that this process holds (VmData)."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    line = next(line for line in status.splitlines() if line.startswith("VmData"))
    return int(line.split()[1]) * 1024
