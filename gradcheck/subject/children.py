"""User code in a child process: whatever it does to itself, the answer is a value or one clear sentence."""

import io
import math
import os
import pickle
import re
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from gradcheck.errors import GradcheckError, UserCodeError
from gradcheck.subject.blame import BY_HAND, is_users
from gradcheck.subject.confinement import BEGUN, DUMP, Task, be_child, memory_here, uninterrupted
from gradcheck.subject.first_runs import run_first
from gradcheck.subject.rehearsals import rehearse

# Seconds that a child has to say where it hangs (a busy machine lets it wait), and between two times that it is heard.
LAST_WORDS, HEARD = 5.0, 0.05
# What runs the top of a file for the first time.
RUNNING = (run_first.__name__, rehearse.__name__)
# faulthandler says a hundred frames of some hundred characters at most.
MOST_WORDS = 2**16
FRAME = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')


@dataclass(frozen=True, slots=True)
class Top:
    """The seconds by the clock after which it is told that the top of a file still runs, and after which it is ended.

    tell: gets the sentence.
    """

    told: float = math.inf
    ended: float = math.inf
    tell: Callable[[str], Any] = print


ANY = Top()


class ChildError(Exception):
    """What went wrong in a child that no user can mend; the text is the child's traceback."""


@dataclass(eq=False)
class Child:
    """A running child: its process, the pipe that its answer comes through, and where its last words go.

    end: of its time, by the clock; it has no end before it said that it begins, and is over once that is 0. top: what
    the top of its file may take; asked: when it is asked next whether it is still at that. read: bytes of its words.
    """

    name: str
    process: int
    pipe: int
    words: IO[str]
    seconds: float
    top: Top = ANY
    end: float = math.inf
    asked: float = math.inf
    read: int = 0
    answer: io.BytesIO = field(default_factory=io.BytesIO)


def run_each(
    tasks: Sequence[tuple[str, Path, Task]],
    seconds: float,
    jobs: int = 1,
    memory: int | None = None,
    top: Top = ANY,
) -> Iterator[Any]:
    """What the tasks return, or the GradcheckError that each raised, in their order; so many run at a time.

    tasks: (name for sentences, folder to work in, what to do). seconds: of the clock, for each. memory: bytes of data,
    else a share of what the machine has. top: what the top of a file may take of the seconds. A crash, a hang and an
    exit in the middle are a UserCodeError. Raises ChildError for a fault of ours. Without `fork` the tasks run here,
    without limits.
    """
    if not hasattr(os, "fork"):
        yield from (_here(task) for _, _, task in tasks)
        return
    waiting, running, done = list(enumerate(tasks)), dict[int, Child](), dict[int, Any]()
    try:
        for number in range(len(tasks)):
            while number not in done:
                while waiting and len(running) < jobs:
                    place, (name, folder, task) = waiting.pop(0)
                    with uninterrupted():
                        running[place] = _start(name, folder, task, seconds, memory or memory_here(), top)
                _listen(list(running.values()))
                for place, child in list(running.items()):
                    if _is_over(child):
                        done[place] = _reap(running.pop(place))
                    elif held := _held_up(child):
                        done[place] = held
                        del running[place]
            yield done.pop(number)
    finally:
        for child in running.values():
            _kill(child)


def _here(task: Task) -> Any:
    try:
        return task()
    except GradcheckError as error:
        return error


def _start(name: str, folder: Path, task: Task, seconds: float, memory: int, top: Top) -> Child:
    reading, writing = os.pipe()
    words = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  (closed with the child)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    process = os.fork()
    if process:
        os.close(writing)
        return Child(name, process, reading, words, seconds, top)
    os.close(reading)
    be_child(folder, task, writing, words, memory)
    raise AssertionError("a child ends where it began")


def _listen(children: Sequence[Child]) -> None:
    """Takes what the children say; returns when one has spoken, or could be over."""
    left = min(min(child.end, child.asked) for child in children) - time.monotonic()
    ready, _, _ = select.select([child.pipe for child in children], [], [], None if left == math.inf else max(left, 0))
    for child in children:
        if child.pipe in ready:
            _hear(child)


def _hear(child: Child) -> None:
    said = os.read(child.pipe, 1 << 20)
    child.answer.write(said)
    if not said:
        child.end = 0.0
    elif child.end == math.inf:
        child.end = time.monotonic() + child.seconds
        child.asked = time.monotonic() + child.top.told


def _is_over(child: Child) -> bool:
    return child.end <= time.monotonic()


def _reap(child: Child) -> Any:
    """The answer of a child that said all it had to say, or whose time is up."""
    with child.words:
        return _answer(child) if not child.end else _stopped(child)


def _held_up(child: Child) -> UserCodeError | None:
    """Why a child is ended that is still at the top of its file; where it may go on, that is told."""
    if child.asked > time.monotonic():
        return None
    begun, top = child.end - child.seconds, child.top
    is_last = child.asked >= begun + top.ended
    child.asked = math.inf if is_last else begun + top.ended
    place, is_at_top = _asked_where(child)
    if not is_at_top:
        return None
    if is_last:
        _kill(child)
        return UserCodeError(
            f"{child.name}{place}: the top of the file still ran after {top.ended:g} s: {BY_HAND}; or give it more "
            "time with --timeout"
        )
    top.tell(
        f"{child.name}{place}: the top of the file still runs after {top.told:g} s, and is ended after {top.ended:g} s "
        f"(--timeout sets both): {BY_HAND}"
    )
    return None


def _stopped(child: Child) -> UserCodeError:
    place, _ = _asked_where(child)
    _kill(child)
    return UserCodeError(
        f"{child.name}{place}: still running after {child.seconds:g} s: look for an endless loop there, or give it "
        "more time with --timeout"
    )


def _answer(child: Child) -> Any:
    """What a child said before it ended by itself; raises ChildError."""
    os.close(child.pipe)
    status = os.waitstatus_to_exitcode(os.waitpid(child.process, 0)[1])
    try:
        kind, value = pickle.loads(child.answer.getvalue()[len(BEGUN) :])
    except (EOFError, pickle.UnpicklingError):
        return _died(child, status)
    if kind == "fault":
        raise ChildError(value)
    if kind == "error" and isinstance(value, UserCodeError) and not str(value).startswith(child.name):
        return UserCodeError(f"{child.name}: {value}")
    return value


def _died(child: Child, status: int) -> UserCodeError:
    if status >= 0:
        return UserCodeError(
            f"{child.name} ended the process with exit code {status} in the middle of the check: take out what does so "
            "(os._exit?)"
        )
    name = signal.Signals(-status).name
    if -status == signal.SIGKILL:
        return UserCodeError(
            f"{child.name} was killed by the system ({name}): it probably needs more memory than there is"
        )
    return UserCodeError(f"{child.name}{_last_place(child)}: crashed ({name}): look for a fault in compiled code there")


def _asked_where(child: Child) -> tuple[str, bool]:
    """Where a hanging child is, by its own word; is that at the top of its file?"""
    if DUMP is None:
        return "", False
    child.read = os.fstat(child.words.fileno()).st_size
    os.kill(child.process, DUMP)
    end = time.monotonic() + LAST_WORDS
    while not (place := _last_place(child)) and time.monotonic() < end:
        time.sleep(HEARD)
    return place, any(frame["function"] in RUNNING and not is_users(frame["file"]) for frame in _frames_of(child))


def _last_place(child: Child) -> str:
    """`, line 5 in loss` from the words of faulthandler: the innermost frame of the user's."""
    found = next((frame for frame in _frames_of(child) if is_users(frame["file"])), None)
    function = f" in {found['function']}" if found and found["function"] != "<module>" else ""
    return f", line {found['line']}{function}" if found else ""


def _frames_of(child: Child) -> list[re.Match[str]]:
    """The frames that a child told last, the innermost first.

    They are read without moving the place at which the child, whose file it is too, goes on writing.
    """
    said = os.pread(child.words.fileno(), MOST_WORDS, child.read).decode(errors="replace")
    frames = (FRAME.search(line) for line in said.splitlines(keepends=True) if line.endswith("\n"))
    return [frame for frame in frames if frame]


def _kill(child: Child) -> None:
    for kill, target in ((os.killpg, child.process), (os.kill, child.process)):
        try:
            kill(target, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    os.waitpid(child.process, 0)
    os.close(child.pipe)
    child.words.close()
