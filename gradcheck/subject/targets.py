"""FILE, FILE:LOSS,GRAD or FILE:NAME, made into a case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradcheck.errors import UsageError
from gradcheck.results.result import Subject
from gradcheck.subject.blame import blaming
from gradcheck.subject.cases import Case, Functions, make_case
from gradcheck.subject.files import SourceFile, load_file
from gradcheck.subject.naming import GRAD_NAMES, LOSS_NAMES, find_function, find_point
from gradcheck.subject.points import read_point


def case_of_file(
    target: str | Path,
    loss: str | None = None,
    grad: str | None = None,
    at: str | None = None,
    seed: int = 0,
    data: str | None = None,
    needs_gradient: bool = True,
) -> Case:
    """The case that a target names; `loss`, `grad`, `at` and `data` are names in the file (`at` may be a point's file).

    Raises SubjectError where something cannot be found, with the names that were looked for.
    """
    path, named = _split(target)
    file = load_file(path)
    loss, grad = loss or (named[0] if named else None), grad or (named[1] if len(named) > 1 else None)
    both = len(named) == 1 and grad is None
    functions = _functions(file, loss, grad, both, data, needs_gradient)
    point, by_seed = _point(file, at, seed)
    subject = Subject(str(file.path), functions.loss.__name__, (functions.grad or functions.loss).__name__)
    return make_case(functions, point, subject, by_seed, file.text)


def _split(target: str | Path) -> tuple[Path, list[str]]:
    path, colon, names = str(target).rpartition(":")
    if not colon or not path.endswith(".py"):
        return Path(target), []
    return Path(path), [name.strip() for name in names.split(",") if name.strip()]


def _functions(
    file: SourceFile, loss: str | None, grad: str | None, both: bool, data: str | None, needs_gradient: bool
) -> Functions:
    kwargs = None
    if data is not None:
        kwargs = getattr(file.module, data, None)
        if not isinstance(kwargs, dict):
            raise UsageError(f"{file.path} has no dict {data}: --args takes the name of a dict of keyword arguments")
    loss_name = find_function(file.module, "loss", LOSS_NAMES, loss)
    if both or not needs_gradient:
        return Functions(getattr(file.module, loss_name), None, both and needs_gradient, kwargs=kwargs)
    grad_name = find_function(file.module, "gradient", GRAD_NAMES, grad)
    return Functions(getattr(file.module, loss_name), getattr(file.module, grad_name), kwargs=kwargs)


def _point(file: SourceFile, at: str | None, seed: int) -> tuple[Any, Callable[[int], Any] | None]:
    """The point to start from, and the file's own points by seed where it makes them."""
    if at is not None and at.endswith((".json", ".npz")):
        return read_point(at), _by_seed(file)
    point = find_point(file.module, at)
    if not callable(point):
        return point, None
    with blaming(str(file.path), f"calling {point.__name__}({seed})"):
        return point(seed), point


def _by_seed(file: SourceFile) -> Callable[[int], Any] | None:
    point = getattr(file.module, "point", None)
    return point if callable(point) else None
