"""The inside of a child process: what it may, and how it says what it has to say."""

import ctypes
import faulthandler
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gradcheck.errors import GradcheckError, UserCodeError

if sys.platform != "win32":
    import resource

Task = Callable[[], Any]
# Of the memory there is; the rest is for everybody else.
SHARE = 0.75
# "Kill me when my parent dies" (man 2 prctl).
PR_SET_PDEATHSIG = 1
OUT_OF_MEMORY = "it needs more memory than there is: check it at a smaller point, or on less data"
# What a child says first: its time begins, for starting one takes long where the parent is large or the machine busy.
BEGUN = b"."
# The signal that makes a child say where it is.
DUMP = signal.SIGUSR1 if hasattr(signal, "SIGUSR1") else None


def be_child(folder: Path, task: Task, pipe: int, words: IO[str], memory: int) -> None:
    """Sets the limits, does the task, writes the answer, and is no more."""
    code = 1
    try:
        os.setpgid(0, 0)
        os.write(pipe, BEGUN)
        said = _said(task, folder, words, memory)
        with os.fdopen(pipe, "wb") as stream:
            stream.write(said)
        sys.stdout.flush()
        sys.stderr.flush()
        code = 0
    finally:
        os._exit(code)


def _said(task: Task, folder: Path, words: IO[str], memory: int) -> bytes:
    """The answer to a task, as bytes: a value, an error that its sentence explains, or a fault of ours."""
    try:
        _confine(folder, words, memory)
        return _pickled("value", task())
    except GradcheckError as error:
        return _pickled("error", error)
    except MemoryError:
        return _pickled("error", UserCodeError(OUT_OF_MEMORY))
    except Exception:
        return _pickled("fault", traceback.format_exc())


def _pickled(kind: str, value: Any) -> bytes:
    return pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)


def _confine(folder: Path, words: IO[str], memory: int) -> None:
    """No input, all output to stderr, the given folder, and limits of memory and time."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(folder)
    faulthandler.enable(words)
    if DUMP is not None:
        faulthandler.register(DUMP, words, all_threads=False)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody is left to read the answer
        resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Holds an interrupt back while a child is started: in a library's own hook on `fork` Python would lose it."""
    is_main = threading.current_thread() is threading.main_thread()  # no other thread is interrupted
    if not is_main or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught:
        signal.raise_signal(signal.SIGINT)


def memory_here() -> int:
    """The bytes that user code may take: a share of what the machine, or the container, has."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    container = Path("/sys/fs/cgroup/memory.max")
    if container.is_file() and (said := container.read_text(encoding="ascii").strip()).isdigit():
        limits.append(int(said))
    return int(SHARE * min(limits))
