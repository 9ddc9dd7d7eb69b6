"""A file that is read by its text, as a script is: nothing in it is called, what it computes is looked at."""

import ast
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from gradcheck.errors import GradcheckError, SubjectError, UsageError
from gradcheck.subject.cases import Case, gradient_at
from gradcheck.subject.dataflow import writes
from gradcheck.subject.files import read_text
from gradcheck.subject.iterations import main_block
from gradcheck.subject.mapping import read_map
from gradcheck.subject.naming import GRAD_NAMES, LOSS_NAMES, POINT_NAMES
from gradcheck.subject.recipes import recipe_for
from gradcheck.subject.scripts import case_of_object, case_of_script, is_script
from gradcheck.subject.trained import case_of_training


def case_of_text(
    target: str | Path, loss: str | None, grad: str | None, at: str | None, script: bool, given: Collection[str]
) -> Case | None:
    """The case of a script, or of one that trains an object or anything else; None where functions are to be called.

    The arguments are those of `case_of_file`. Raises SubjectError where a script cannot be read, UsageError where the
    options do not fit one.
    """
    place, wanted = Path(target), script or bool(given)
    if grad and wanted:
        raise UsageError(f"--grad {grad} names a function, a script has none: --map w1={grad} names a variable")
    if grad or not (wanted or (place.is_file() and place.suffix == ".py")):
        return None
    text = read_text(place)
    tree = None if wanted else _parsed(text)
    if wanted or (tree is not None and is_script(tree, loss)):
        case = _read_as_script(str(target), text, loss, _mapped(given), at)
        options = (*(("--script",) if script else ()), *_repeated("--map", given), *given_options(loss=loss, at=at))
        return replace(case, subject=replace(case.subject, options=options))
    return None if tree is None or at else _kept_or_trained(str(target), text, tree, loss)


def given_options(**options: str | int | None) -> tuple[str, ...]:
    """The options of a command that were given, as its line has them."""
    return tuple(part for name, value in options.items() if value for part in (f"--{name}", str(value)))


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _kept_or_trained(path: str, text: str, tree: ast.Module, loss: str | None) -> Case | None:
    """The case of a script that trains an object, where no function of it is a loss, or that trains something.

    None for one whose functions and point have the usual names.
    """
    losses = {loss, *LOSS_NAMES}
    named = {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
    kept = None if named & losses else case_of_object(path, text, loss)
    if kept is not None:
        return kept
    names = set().union(*map(writes, main_block(tree)), set())
    if all((names & losses, names & set(GRAD_NAMES), names & set(POINT_NAMES))):
        return None
    trained = case_of_training(path, text, loss)
    return trained and replace(trained, subject=replace(trained.subject, options=given_options(loss=loss)))


def _read_as_script(path: str, text: str, loss: str | None, given: dict[str, str], at: str | None) -> Case:
    """The case of a plain script; of one that keeps its parameters or gradients in something, by a turn of it."""
    try:
        case = case_of_script(path, text, loss, given, at)
        if given or at or case.at.arrays.keys() <= gradient_at(case, case.at.arrays).keys():
            return case
    except GradcheckError as error:
        trained = None if given or at else case_of_training(path, text, loss)
        told = recipe_for(path, text) if trained is None and not given and not at else None
        if trained is None:
            raise (SubjectError(told) if told else error) from None
        return trained
    return case_of_training(path, text, loss) or case


def _repeated(option: str, values: Collection[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _mapped(given: Collection[str]) -> dict[str, str]:
    try:
        return read_map(given)
    except (ValueError, SyntaxError):
        raise UsageError(f"--map {' '.join(given)}: write PARAMETER=VARIABLE, for example --map w1=dLoss_dw1") from None
