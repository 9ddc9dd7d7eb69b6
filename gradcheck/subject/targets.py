"""FILE, FILE:LOSS,GRAD or FILE:NAME, made into a case; package.module stands for its file."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcheck.errors import UsageError
from gradcheck.program.modules import in_modules
from gradcheck.results.result import Subject
from gradcheck.subject.blame import blaming
from gradcheck.subject.cases import Case, Functions, Origin, make_case
from gradcheck.subject.files import SourceFile, load_file
from gradcheck.subject.modules import DOTTED, find_module
from gradcheck.subject.naming import GRAD_NAMES, LOSS_NAMES, find_function, find_point
from gradcheck.subject.points import is_point_file, read_point
from gradcheck.subject.products import pull_back
from gradcheck.subject.texts import case_of_text, given_options


def case_of_file(
    target: str | Path,
    loss: str | None = None,
    grad: str | None = None,
    at: str | None = None,
    seed: int = 0,
    data: str | None = None,
    needs_gradient: bool = True,
    script: bool = False,
    given: Collection[str] = (),
) -> Case:
    """The case that a target names; `loss`, `grad`, `at` and `data` are names in the file (`at` may be a point's file).

    A file that defines no loss function is read as a script; script: any file is. given: "w1=dLoss_dw1" for each
    parameter of a script whose gradient variable its name does not tell; `loss` is then its loss variable. Raises
    SubjectError where something cannot be found, with the names that were looked for.
    """
    if not isinstance(target, str | Path):
        raise UsageError(f"{target!r} is no file: give its path, or the name of a module")
    read = case_of_text(target, loss, grad, at, script, given)
    if read is not None:
        return read
    file, named = _open(target)
    loss, grad = loss or (named[0] if named else None), grad or (named[1] if len(named) > 1 else None)
    both = len(named) == 1 and grad is None

    def functions_of(module: ModuleType) -> Functions:
        return _functions(replace(file, module=module), loss, grad, both, data, needs_gradient)

    functions_of(file.module)  # what is missing is said before the point is made
    point, by_seed = _point(file, at, seed)

    def made(module: ModuleType) -> Case:
        functions = functions_of(module)
        loss, grad = (_name_in(module, one) for one in (functions.loss, functions.grad or functions.loss))
        subject = Subject(str(file.path), loss, grad, given_options(at=at, seed=seed, args=data))
        return make_case(functions, point, subject, by_seed, Origin(file.text, made, top=file.top), module)

    return made(file.module)


def cases_of_pair(
    target: str | Path, vjp: str, count: int, at: str | None = None, seed: int = 0, data: str | None = None
) -> list[Case]:
    """One case per random cotangent for a forward and a backward pass in a file; vjp: their names, FORWARD,BACKWARD.

    Raises SubjectError where something cannot be found, UsageError where the two do not fit together.
    """
    names = [name.strip() for name in vjp.split(",")]
    if len(names) != 2 or not all(names):
        raise UsageError(f"--vjp {vjp} does not name two functions: write --vjp FORWARD,BACKWARD")
    file, _ = _open(target)
    kwargs = _data(file, data)
    point, by_seed = _point(file, at, seed)
    subject = Subject(str(file.path), names[0], names[1], given_options(vjp=vjp, at=at, seed=seed, args=data))

    def made(module: ModuleType, draw: int) -> Case:
        forward, backward = (
            getattr(module, find_function(module, what, (), name))
            for what, name in zip(("forward pass", "backward pass"), names, strict=True)
        )
        with in_modules(module):
            functions = pull_back(forward, backward, point, (), kwargs, seed=count * seed + draw)
        origin = Origin(file.text, lambda other: made(other, draw), has_loss=False, top=file.top)
        return make_case(functions, point, subject, by_seed, origin, module)

    return [made(file.module, draw) for draw in range(count)]


def _open(target: str | Path) -> tuple[SourceFile, list[str]]:
    """The file of a target, run, and the names behind its colon."""
    path, named = split_target(target)
    found = None if path.exists() else find_module(str(path))
    if found is None:
        return load_file(path), named
    return load_file(found.path, found.package, found.root), named


def split_target(target: str | Path) -> tuple[Path, list[str]]:
    """The path, or the module, of a target, and the names behind its colon."""
    path, colon, names = str(target).rpartition(":")
    if not colon or not (path.endswith(".py") or DOTTED.fullmatch(path)):
        return Path(target), []
    return Path(path), [name.strip() for name in names.split(",") if name.strip()]


def _functions(
    file: SourceFile, loss: str | None, grad: str | None, both: bool, data: str | None, needs_gradient: bool
) -> Functions:
    kwargs = _data(file, data)
    loss_name = find_function(file.module, "loss", LOSS_NAMES, loss)
    if both or not needs_gradient:
        return Functions(getattr(file.module, loss_name), None, both and needs_gradient, kwargs=kwargs)
    grad_name = find_function(file.module, "gradient", GRAD_NAMES, grad)
    return Functions(getattr(file.module, loss_name), getattr(file.module, grad_name), kwargs=kwargs)


def _name_in(module: ModuleType, function: Callable[..., Any]) -> str:
    """The name that finds a function in its file: its own, or, of a lambda, a method or a partial, the variable's."""
    own = getattr(function, "__name__", type(function).__name__)
    names = (name for name, value in vars(module).items() if value is function)
    return own if getattr(module, own, None) is function else next(names, own)


def _data(file: SourceFile, name: str | None) -> dict[str, Any] | None:
    """The dict of keyword arguments of that name in the file; None without a name."""
    if name is None:
        return None
    kwargs = getattr(file.module, name, None)
    if not isinstance(kwargs, dict):
        raise UsageError(f"{file.path} has no dict {name}: --args takes the name of a dict of keyword arguments")
    return kwargs


def _point(file: SourceFile, at: str | None, seed: int) -> tuple[Any, Callable[[int], Any] | None]:
    """The point to start from, and the file's own points by seed where it makes them."""
    if at is not None and is_point_file(at):
        return read_point(at), _by_seed(file)
    point = find_point(file.module, at)
    if not callable(point):
        return point, None
    with blaming(str(file.path), f"calling {point.__name__}({seed})"), in_modules(file.module):
        return point(seed), point


def _by_seed(file: SourceFile) -> Callable[[int], Any] | None:
    point = getattr(file.module, "point", None)
    return point if callable(point) else None
