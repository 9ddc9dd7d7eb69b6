"""Where functions that were handed over from Python come from: their file, and how to have them again from its text."""

import ast
import inspect
import reprlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from gradcheck.errors import SubjectError
from gradcheck.results.result import Subject
from gradcheck.subject.cases import Case, Origin, make_case
from gradcheck.subject.dataflow import slice_block, writes
from gradcheck.subject.files import read_text

MEND = "only a function defined by `def` at the top of a file can be diagnosed"


def located(case: Case) -> Case:
    """The case of functions with their file and its text; raises SubjectError where it cannot be had, and says why.

    The text is never run as a whole: its functions are made anew, all else that they use is taken from where they live.
    """
    if case.origin is not None:
        return case
    functions = [function for function in (case.functions.loss, case.functions.grad) if function is not None]
    home, path, text = source_of(functions)
    names = [function.__name__ for function in functions]

    def parse(changed: str, filename: str) -> ast.Module:
        return definitions_in(ast.parse(changed, filename), names, home.__name__)

    def made(module: ModuleType) -> Case:
        again = dict(zip(("loss", "grad"), (getattr(module, name) for name in names), strict=False))
        functions, origin = replace(case.functions, **again), Origin(text, made, parse)
        return make_case(functions, case.given, subject, None, origin, module)

    subject = Subject(path, names[0], names[-1])
    return replace(case, subject=subject, origin=Origin(text, made, parse))


def source_of(functions: Sequence[Callable[..., Any]]) -> tuple[ModuleType, str, str]:
    """(module, path, text) of the file that all the functions are defined at the top of; raises SubjectError."""
    homes = list(dict.fromkeys(_home_of(function) for function in functions))
    if len(homes) != 1:
        raise SubjectError(f"the loss and the gradient stand in different files: {MEND}, both in the same one")
    path = _as_seen(Path(str(inspect.getsourcefile(homes[0]))))
    text = read_text(Path(path))
    for function in functions:
        _ensure_unchanged(function, ast.parse(text), path)
    return homes[0], path, text


def _as_seen(path: Path) -> str:
    """The path from the working directory, where the file lies below it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def definitions_in(tree: ast.Module, names: list[str], home: str) -> ast.Module:
    """The imports, functions and classes that these names need, in their places; what else they need, from `home`."""
    kept, _ = slice_block(tree.body, names)
    own = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return ast.fix_missing_locations(
        ast.Module([one if isinstance(one, own) else _taken(one, home) for one in kept], [])
    )


def _taken(statement: ast.stmt, home: str) -> ast.stmt:
    """`from home import name, ...` in the place of the statement that made these names there."""
    names = [ast.alias(name) for name in sorted(writes(statement))]
    return ast.copy_location(ast.ImportFrom(home, names, 0), statement)


def _home_of(function: Callable[..., Any]) -> ModuleType:
    """The module that a function is defined at the top of."""
    name = getattr(function, "__name__", None)
    if name is None:
        raise SubjectError(f"{reprlib.repr(function)} was given: {MEND}")
    if not isinstance(function, FunctionType):
        raise SubjectError(f"{name} is a {type(function).__name__}: {MEND}")
    if name == "<lambda>":
        raise SubjectError(f"a lambda was given: {MEND}")
    if "<locals>" in function.__qualname__ or "." in function.__qualname__:
        raise SubjectError(f"{name} is defined inside {function.__qualname__.rpartition('.')[0]}: {MEND}")
    home = sys.modules.get(function.__module__)
    if home is None or getattr(home, name, None) is not function:
        raise SubjectError(f"{name} is not found under its name in {function.__module__}: {MEND}")
    file = inspect.getsourcefile(home) if getattr(home, "__file__", None) else None
    if file is None or not Path(file).is_file():
        raise SubjectError(f"{name} has no source file: {MEND}")
    return home


def _ensure_unchanged(function: Any, tree: ast.Module, path: str) -> None:
    plain = inspect.unwrap(function)
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == plain.__name__]
    first = {min([one.lineno, *(d.lineno for d in one.decorator_list)]) for one in found}
    if plain.__code__.co_firstlineno not in first:
        raise SubjectError(f"{path} has changed since {function.__name__} was imported: import it again")
