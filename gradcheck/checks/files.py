"""Files checked one by one in child processes, each in its own folder."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from gradcheck.checks.looks import OnSuspects
from gradcheck.checks.verbs import LEAST, USUAL, check_file
from gradcheck.errors import GradcheckError
from gradcheck.results.diagnoses import Suspect
from gradcheck.results.result import Result
from gradcheck.subject.children import Top, run_each
from gradcheck.subject.points import is_point_file
from gradcheck.subject.targets import split_target

# A check may take so many times the seconds of its diagnosis, by the clock: 10 minutes where these are 10 seconds.
PATIENCE = 60
# The top of a file, which is only to define things and to read data, may take so many times these seconds: 2 minutes.
LOADING = 12
ANNOUNCED = 3


def check_files(
    targets: Sequence[str], options: Mapping[str, Any], *, timeout: float = USUAL, jobs: int = 1, spent: float = 0.0
) -> Iterator[Result | GradcheckError]:
    """The result of every target, or the error that says why there is none, in their order, so many at a time.

    timeout: CPU seconds for each with its diagnosis; spent: those that starting took, of which each has its part. Each
    file runs in a child process in its own folder, without input; a crash, a hang or an exit in it is a UserCodeError.
    options: those of check_file.
    """
    part = spent / max(1, len(targets))
    tasks = [_task(target, {**options, "budget": timeout, "spent": part}) for target in targets]
    seconds = timeout or USUAL
    top = Top(max(LEAST, seconds), LOADING * max(LEAST, seconds), lambda told: sys.stderr.write(f"gradcheck: {told}\n"))
    for answer in run_each(tasks, PATIENCE * seconds, jobs, top=top):
        assert isinstance(answer, Result | GradcheckError)
        yield answer


def _task(target: str, options: Mapping[str, Any]) -> tuple[str, Path, Any]:
    """(name, folder, check) of one target; what is said of a file in another folder names it as the user did."""
    path, names = split_target(target)
    here, there = Path.cwd(), path.resolve().parent
    options = {**options, "on_suspects": _announced(str(path))}
    if not path.is_file() or there == here:
        return str(path), here, lambda: check_file(target, **options)
    whole = str(path.resolve())
    at = options.get("at")
    if at is not None and is_point_file(at):
        options = {**options, "at": str(Path(at).resolve())}
    called = ":".join([whole, *([",".join(names)] if names else [])])

    def check() -> Result:
        try:
            result = check_file(called, **options)
        except GradcheckError as error:
            raise type(error)(str(error).replace(whole, str(path))) from None
        told = {name: _renamed(getattr(result, name), whole, str(path)) for name in ("subject", "notes", "diagnosis")}
        return replace(result, **told)

    return str(path), there, check


def _announced(path: str) -> OnSuspects | None:
    """Tells a waiting reader the likeliest lines while a fix is looked for; nobody else."""

    def tell(suspects: Sequence[Suspect]) -> None:
        lines = [str(one.span.line) for one in suspects if one.status != "exonerated"][:ANNOUNCED]
        if lines:
            sys.stderr.write(f"gradcheck: {path}: likeliest wrong: line {', '.join(lines)}; looking for a fix\n")

    return tell if sys.stderr.isatty() else None


def _renamed(value: Any, old: str, new: str) -> Any:
    """A value in all of whose texts one path stands for another."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, tuple):
        return tuple(_renamed(one, old, new) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        changed = {name: renamed for name, one in held.items() if (renamed := _renamed(one, old, new)) is not one}
        return replace(value, **changed)
    return value
