"""A file under check as a module of its own."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from gradcheck.errors import SubjectError
from gradcheck.program.modules import importable, in_modules
from gradcheck.program.tops import NO_TOP, Top
from gradcheck.subject.blame import blaming
from gradcheck.subject.first_runs import run_first

MODULE = "gradcheck_subject"
Parse = Callable[[str, str], ast.Module]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file that was run once: where it lies, its text, what it defined, and what took long."""

    path: Path
    text: str
    module: ModuleType
    top: Top = NO_TOP


def load_file(
    path: str | Path, package: str | None = None, root: Path | None = None, parse: Parse = ast.parse
) -> SourceFile:
    """Runs the file in a fresh module (its `__main__` part does not run); its folder is importable meanwhile.

    package: the one that the file belongs to, for its relative imports; root: the folder that holds the package; parse:
    (text, file name) -> the tree to run.
    Raises SubjectError where there is no such file or it is no Python (with the line), UserCodeError where it raises.
    """
    place = Path(path)
    text = read_text(place)
    try:
        tree = parse(text, str(place))
        compile(tree, str(place), "exec", dont_inherit=True)
    except SyntaxError as error:
        is_command = (error.text or "").lstrip().startswith(("%", "!", "?"))
        mend = "a notebook's own command: take it out" if is_command else "mend the syntax"
        raise SubjectError(f"{place}, line {error.lineno}: {error.msg}: {mend}, then check again") from None
    module = ModuleType(MODULE)
    module.__file__ = str(place)
    module.__package__ = package or ""
    with importable(root or place.resolve().parent), in_modules(module), blaming(str(place), "running the file"):
        top = run_first(tree, str(place), module.__dict__)
    return SourceFile(place, text, module, top)


def read_text(place: Path) -> str:
    """The text of a file; raises SubjectError where it cannot be read."""
    if place.is_dir():
        raise SubjectError(f"{place} is a folder: give a Python file in it")
    try:
        return place.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SubjectError(f"there is no file {place}: check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SubjectError(f"{place} cannot be read ({error}): give a Python file in UTF-8") from None
