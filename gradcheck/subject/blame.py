"""An exception of the code under check, said with that code's own line."""

import os
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from gradcheck.errors import GradcheckError, UserCodeError

HOUSE = Path(__file__).resolve().parents[1]
# What a file does that is run by hand, and cannot do while it is checked.
BELONGS = 'belongs under `if __name__ == "__main__":`'
BY_HAND = f"what is done only by hand {BELONGS}"
MENDS: dict[type[BaseException], str] = {
    EOFError: f": it asks for input and there is none during a check; {BY_HAND}",
    SystemExit: f": it ends the program; {BY_HAND}",
    ModuleNotFoundError: f": install it; {BY_HAND}, its imports too",
}
LIBRARIES = tuple(str(Path(sysconfig.get_path(kind)).resolve()) for kind in ("stdlib", "purelib", "platlib"))


@contextmanager
def blaming(where: str, doing: str, let_through: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns whatever user code raises into a UserCodeError with its own line and message, but for `let_through`."""
    try:
        yield
    except GradcheckError:
        raise
    except let_through:
        raise
    except (Exception, SystemExit) as error:
        raise blamed(error, where, doing) from (None if isinstance(error, RecursionError) else error)


def blamed(error: BaseException, where: str, doing: str) -> UserCodeError:
    """What to raise in the place of an exception of user code: its own line and message."""
    if isinstance(error, RecursionError):
        return UserCodeError(f"{where}: RecursionError while {doing}: the code calls itself without end")
    line, function = last_own_line(error)
    place = f"{where}, line {line}{function}" if line else where
    said = f": {error}" if str(error) else ""
    mend = next((mend for kind, mend in MENDS.items() if isinstance(error, kind)), "")
    if isinstance(error, ImportError) and "no known parent package" in str(error):
        mend = ": name the file as a module of its package, package.module in the place of package/module.py"
    if isinstance(error, NameError) and error.name == "get_ipython":
        mend = f": only a notebook has it; take its commands out, or put them under `if {error.name!r} in globals():`"
    return UserCodeError(f"{place}: {type(error).__name__}{said} (while {doing}){mend}")


def last_own_line(error: BaseException) -> tuple[int | None, str]:
    """The deepest frame that is neither ours nor a library's: the line that the user can mend."""
    walked = ((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
    frames = [(code.co_name, line) for code, line in walked if is_users(code.co_filename)]
    if not frames:
        return None, ""
    name, line = frames[-1]
    return line, "" if name == "<module>" else f" in {name}"


def is_own_fault(error: BaseException, path: str) -> bool:
    """Was an exception raised in a file, or one beside it, or by a library that this called, and not by ours inside?"""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    told = [file for file in files if is_users(file) or file.startswith(str(HOUSE))]
    return bool(told) and is_users(told[-1]) and Path(told[-1]).resolve().is_relative_to(Path(path).resolve().parent)


def is_users(filename: str) -> bool:
    """Neither ours (but for the shipped examples) nor the standard library's nor an installed package's."""
    return _is_users(filename, "" if os.path.isabs(filename) else os.getcwd())


@lru_cache(maxsize=1024)  # asked for every frame of every error, and a search meets thousands
def _is_users(filename: str, folder: str) -> bool:
    place = str(Path(folder, filename).resolve())
    ours = place.startswith(str(HOUSE)) and not place.startswith(str(HOUSE / "examples"))
    return not ours and not place.startswith(LIBRARIES) and not filename.startswith("<")
