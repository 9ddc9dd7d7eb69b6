"""The commands that check files: check and demo."""

import sys
import time
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gradcheck.cli.app import AGREE, DISAGREE, USAGE, app
from gradcheck.cli.endings import exit_code, finish, one_of, progress, show, warn_of
from gradcheck.cli.options import (
    Apply,
    At,
    Data,
    Format,
    Grad,
    Jobs,
    Level,
    Loss,
    Mapped,
    NoDiagnosis,
    Output,
    Pair,
    Report,
    Script,
    Seed,
    Stay,
    Targets,
    Timeout,
    Undecided,
)
from gradcheck.cli.outputs import FORMATS, Place, places_of
from gradcheck.errors import GradcheckError, NothingToCheck, UsageError

if TYPE_CHECKING:
    from gradcheck.results.result import Result

DEMO_FOLDER = "gradcheck-report"
OVER = "it defines no loss and gradient; if it is a script, name it"


@app.command("check")
def check_command(
    targets: Targets,
    loss: Loss = None,
    grad: Grad = None,
    at: At = None,
    data: Data = None,
    report: Report = None,
    form: Format = "text",
    output: Output = None,
    seed: Seed = 0,
    stay: Stay = False,
    vjp: Pair = None,
    level: Level = "standard",
    script: Script = False,
    mapping: Mapped = None,
    timeout: Timeout = 10.0,
    jobs: Jobs = 1,
    no_diagnosis: NoDiagnosis = False,
    apply: Apply = False,
    inconclusive: Undecided = "fail",
) -> None:
    """Check the gradients of files: the finding on stdout, pages with --report.

    On a terminal the likeliest wrong lines are told on stderr as soon as they are known, before a fix is looked for.

    Exit code 0: all agree, 1: one disagrees, 2: usage, 3: inconclusive, 4: internal error, 5: nothing was checked.
    """
    one_of("--format", form, FORMATS)
    one_of("--level", level, ("quick", "standard", "thorough"))
    one_of("--inconclusive", inconclusive, ("fail", "warn", "ignore"))
    if apply and no_diagnosis:
        raise typer.BadParameter("--apply writes a fix, which --no-diagnosis does not look for: leave one of them out")
    names = {"loss": loss, "grad": grad, "at": at, "data": data, "vjp": vjp, "script": script, "mapping": mapping or ()}
    wanted = {**names, "seed": seed, "stay": stay, "level": level}
    seconds = 0.0 if no_diagnosis else timeout
    after = _After(places_of(form, output or ()), report, apply, inconclusive)
    finish(lambda: _check(targets, wanted, seconds, jobs, after), after.places)


@app.command("demo")
def demo_command(report: Report = Path(DEMO_FOLDER)) -> None:
    """Check the shipped source example with its b1 bug; the page goes to ./gradcheck-report."""
    from gradcheck.checks import check_file
    from gradcheck.examples import path_of
    from gradcheck.report.files import write_pages

    def run() -> int:
        results = [check_file(path_of("two_two_one.py"))]
        show(results)
        typer.echo(f"\npages: {write_pages(results, report or Path(DEMO_FOLDER))}")
        return AGREE

    finish(run)


@dataclass(frozen=True, slots=True)
class _After:
    """What is done with the answers."""

    places: tuple[Place, ...]
    report: Path | None
    apply: bool
    inconclusive: str


def _check(targets: list[str], wanted: dict[str, Any], seconds: float, jobs: int, after: _After) -> int:
    """Checks every file of the targets, shows the answers, writes what is to be written; the exit code."""
    begun = time.process_time()
    from gradcheck.checks.files import check_files
    from gradcheck.subject.folders import find_files, passed_over

    files = [file for target in targets for file in find_files(target)]
    if not files:
        raise NothingToCheck(
            f"nothing to check in {', '.join(targets)}: no file there defines a loss and a gradient: name a file"
        )
    for file in [one for target in targets for one in passed_over(target, files)]:
        typer.echo(f"note: {file} was passed over: {OVER}", err=True)
    if len(files) > 1 and any(place.form == "html" for place in after.places):
        raise UsageError(f"{len(files)} files make no one page: --report DIR writes a page of each, and an index")
    before = _contents(files) if after.apply else {}
    with redirect_stdout(sys.stderr), progress():  # what user code prints is no result
        answers = check_files(files, wanted, timeout=seconds, jobs=jobs, spent=time.process_time() - begun)
        results, errors = _each(answers, alone=len(files) == 1)
    errors += _tell(results, errors, before, after)
    code = exit_code(results, after.inconclusive)
    return USAGE if errors and code != DISAGREE else code


def _tell(results: "list[Result]", errors: list[str], before: dict[str, bytes], after: _After) -> list[str]:
    """Shows the results and writes pages and fixes; returns the sentences on what could not be written."""
    from gradcheck.report.files import write_pages

    show(results, after.places, errors)
    if after.inconclusive == "warn":
        warn_of(results)
    if after.report:
        typer.echo(f"pages: {write_pages(results, after.report)}", err=True)
    return _apply(results, before) if after.apply else []


def _each(answers: "Iterable[Result | GradcheckError]", alone: bool) -> "tuple[list[Result], list[str]]":
    """The results of all files; of several, one that cannot be checked is a sentence and does not stop the others."""
    results, errors = [], []
    for answer in answers:
        if not isinstance(answer, GradcheckError):
            results.append(answer)
        elif alone:
            raise answer
        else:
            errors.append(str(answer))
            typer.echo(f"gradcheck: {answer}", err=True)
    return results, errors


def _contents(files: list[str]) -> dict[str, bytes]:
    """The bytes of the files among the targets, by path."""
    from gradcheck.subject.targets import split_target

    paths = [split_target(file)[0] for file in files]
    return {str(path): path.read_bytes() for path in paths if path.is_file()}


def _apply(results: "list[Result]", before: dict[str, bytes]) -> list[str]:
    """Writes the fixes and says what was done; returns the sentences on what could not be written."""
    from gradcheck.checks.applying import apply_fix
    from gradcheck.report.commands import check_again

    errors = []
    for result in results:
        try:
            told = apply_fix(result, before.get(str(result.subject.path)))
            found = result.diagnosis.fixes if result.diagnosis else ()
            written = found and not found[0].fails_with
            after = f"; check it again: {check_again(result.subject)}" if written else ""
            typer.echo(f"gradcheck: {told}{after}", err=True)
        except UsageError as error:
            errors.append(str(error))
            typer.echo(f"gradcheck: {error}", err=True)
    return errors
