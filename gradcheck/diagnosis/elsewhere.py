"""Functions that a gradient calls and that stand in other files of the user's: nothing is tried in them."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcheck.diagnosis.inquiries import Inquiry
from gradcheck.diagnosis.restating import functions_named
from gradcheck.subject.blame import is_users


def remark_on_other_files(inquiry: Inquiry) -> Iterator[str]:
    """By file, which functions of it the gradient calls."""
    found: dict[str, dict[str, None]] = {}
    for name, value in _called(inquiry):
        file = _file_of(value)
        if file is not None and file != Path(inquiry.bench.path).resolve() and is_users(str(file)):
            found.setdefault(file.name, {})[name] = None
    for name, called in found.items():
        yield f"the gradient calls {', '.join(called)} of {name}, where no change was tried: look there as well"


def _called(inquiry: Inquiry) -> Iterator[tuple[str, Any]]:
    """(name, function) of every call in the gradient's own functions, as far as names tell."""
    functions = inquiry.bench.original.functions
    names = getattr(inspect.unwrap(functions.grad or functions.loss), "__globals__", {})
    for node in functions_named(inquiry.bench.tree, tuple(inquiry.backward)):
        for call in (part.func for part in ast.walk(node) if isinstance(part, ast.Call)):
            if isinstance(call, ast.Name) and call.id in names:
                yield call.id, names[call.id]
            elif isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
                home = names.get(call.value.id)
                if isinstance(home, ModuleType):
                    yield call.attr, getattr(home, call.attr, None)


def _file_of(value: Any) -> Path | None:
    """Where a function or class is defined; None for what is neither, or has no file."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(value))
    except (TypeError, ValueError):
        return None
    return None if file is None else Path(file).resolve()
