"""Arguments in, exit code out; no mathematics, no HTML."""

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradcheck import __version__
from gradcheck.errors import GradcheckError, UsageError

if TYPE_CHECKING:
    from gradcheck.results.derivations import Derivation
    from gradcheck.results.result import Result

AGREE, DISAGREE, USAGE, INCONCLUSIVE, INTERNAL, NOTHING, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
DEMO_FOLDER = "gradcheck-report"

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Targets = Annotated[list[str], typer.Argument(metavar="TARGET...", help="FILE, FILE:LOSS,GRAD, FILE:NAME or a folder")]
Loss = Annotated[str | None, typer.Option("--loss", metavar="NAME", help="the loss (else loss, cost, objective, f)")]
Grad = Annotated[str | None, typer.Option("--grad", metavar="NAME", help="the gradient (else grads, grad, ...)")]
At = Annotated[str | None, typer.Option("--at", metavar="NAME|FILE", help="the point: a name, FILE.json or FILE.npz")]
Data = Annotated[str | None, typer.Option("--args", metavar="NAME", help="a dict of data that is passed along")]
Report = Annotated[Path | None, typer.Option("--report", metavar="DIR", help="write a page per file, and an index")]
Format = Annotated[str, typer.Option("--format", help="text, json or html")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="write there, not to stdout")]
Seed = Annotated[int, typer.Option("--seed", help="the file's point(seed), and the generic point that follows")]
Stay = Annotated[bool, typer.Option("--stay", help="check the given point only")]
Pair = Annotated[str | None, typer.Option("--vjp", metavar="FORWARD,BACKWARD", help="a forward and a backward pass")]
Level = Annotated[str, typer.Option("--level", help="what the check may cost: quick, standard or thorough")]
Script = Annotated[bool, typer.Option("--script", help="a plain script: one turn of its loop is checked")]
Mapped = Annotated[list[str] | None, typer.Option("--map", metavar="W=DW", help="a script's gradient variable")]
Timeout = Annotated[float, typer.Option("--timeout", metavar="S", min=0.0, help="CPU seconds to name a wrong line in")]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="so many files at a time")]
NoDiagnosis = Annotated[bool, typer.Option("--no-diagnosis", help="the verdict only: name no line, look for no fix")]
Apply = Annotated[
    bool, typer.Option("--apply", help="write the first verified fix into the file; FILE.orig is the old one")
]
Undecided = Annotated[str, typer.Option("--inconclusive", help="fail (exit 3), warn or ignore (exit 0)")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Says whether a gradient is right, where it is wrong, and shows the evidence."""
    if version:
        typer.echo(f"gradcheck {__version__}")
        raise typer.Exit


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

    Exit code 0: all agree, 1: one disagrees, 2: usage, 3: inconclusive, 4: internal error, 5: nothing was checked.
    """
    _one_of("--format", form, ("text", "json", "html"))
    _one_of("--level", level, ("quick", "standard", "thorough"))
    _one_of("--inconclusive", inconclusive, ("fail", "warn", "ignore"))
    from gradcheck.checks.files import check_files
    from gradcheck.report.files import write_pages
    from gradcheck.subject.folders import find_files

    names = {"loss": loss, "grad": grad, "at": at, "data": data, "vjp": vjp, "script": script, "mapping": mapping or ()}
    demands = {"seed": seed, "stay": stay, "level": level}
    seconds = 0.0 if no_diagnosis else timeout

    def run() -> int:
        files = [file for target in targets for file in find_files(target)]
        before = _contents(files) if apply else {}
        with redirect_stdout(sys.stderr), _progress():  # what user code prints is no result
            answers = check_files(files, names | demands, timeout=seconds, jobs=jobs)
            results, errors = _each(answers, alone=len(files) == 1)
        if not files:
            what = f"nothing to check in {', '.join(targets)}: no file there defines a loss and a gradient"
            typer.echo(f"gradcheck: {what}", err=True)
            return NOTHING
        _show(results, form, output, errors)
        if report:
            typer.echo(f"pages: {write_pages(results, report)}", err=True)
        if apply:
            errors += _apply(results, before)
        code = _exit_code(results, inconclusive)
        return USAGE if errors and code != DISAGREE else code

    if apply and no_diagnosis:
        raise typer.BadParameter("--apply writes a fix, which --no-diagnosis does not look for: leave one of them out")
    _finish(run, form, output)


@app.command("demo")
def demo_command(report: Report = Path(DEMO_FOLDER)) -> None:
    """Check the shipped source example with its b1 bug; the page goes to ./gradcheck-report."""
    from gradcheck.checks import check_file
    from gradcheck.examples import path_of
    from gradcheck.report.files import write_pages

    def run() -> int:
        results = [check_file(path_of("two_two_one.py"))]
        _show(results, "text", None)
        typer.echo(f"\npages: {write_pages(results, report or Path(DEMO_FOLDER))}")
        return AGREE

    _finish(run, "text", None)


@app.command("derive")
def derive_command(
    subject: Annotated[str, typer.Argument(metavar="NETWORK|FILE", help="2-2-1:sigmoid,linear, a name, or a file")],
    parameter: Annotated[str | None, typer.Argument(metavar="[PARAM]", help="for example b1 or W1[0,1]")] = None,
    loss: Annotated[str | None, typer.Option("--loss", help="a network's loss, or the name of a file's loss")] = None,
    at: At = None,
    report: Report = None,
    form: Annotated[str, typer.Option("--format", help="text or html")] = "text",
) -> None:
    """Write the chain rule out: factor by factor with numbers, path by path."""
    _one_of("--format", form, ("text", "html"))

    def run() -> int:
        from gradcheck.report.as_html import derivation_to_html
        from gradcheck.report.derivations import derivation_to_text
        from gradcheck.report.files import write_derivation

        with redirect_stdout(sys.stderr):
            derivation = _derivation(subject, parameter, loss, at)
        typer.echo(derivation_to_text(derivation) if form == "text" else derivation_to_html(derivation))
        if report:
            typer.echo(f"page: {write_derivation(derivation, report)}", err=True)
        return AGREE

    _finish(run, "text", None)


@app.command("samples")
def samples_command(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where the pages go")] = Path("reports"),
) -> None:
    """Write the sample pages."""
    from gradcheck.checks.samples import sample_derivation, sample_results
    from gradcheck.report.files import write_derivation, write_pages

    def run() -> int:
        typer.echo(f"pages: {write_pages(sample_results(), out)}, {write_derivation(sample_derivation(), out)}")
        return AGREE

    _finish(run, "text", None)


def main() -> None:
    """The command line's entry point."""
    app(prog_name="gradcheck")


def _progress() -> "AbstractContextManager[None]":
    """A bar on stderr after a second, where that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    from gradcheck.numeric.progress import listening
    from gradcheck.report.progress import bar_on

    return listening(bar_on(Console(stderr=True)))


def _derivation(subject: str, parameter: str | None, loss: str | None, at: str | None) -> "Derivation":
    from gradcheck.checks.derivations import derive_file
    from gradcheck.derivation.chain_rule import derive

    if re.search(r"\.py(:|$)", subject):
        return derive_file(subject, parameter, loss=loss, at=at)
    if at is not None:
        raise UsageError("--at goes with a file: a network is looked at where its source does, or at short decimals")
    return derive(f"{subject};loss={loss}" if loss else subject, parameter)


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
            written = result.diagnosis is not None and result.diagnosis.fixes
            after = f"; check it again: {check_again(result.subject)}" if written else ""
            typer.echo(f"gradcheck: {told}{after}", err=True)
        except UsageError as error:
            errors.append(str(error))
            typer.echo(f"gradcheck: {error}", err=True)
    return errors


def _show(results: "list[Result]", form: str, output: Path | None, errors: Sequence[str] = ()) -> None:
    """The results in one format, to a file or to stdout; text on a terminal is coloured."""
    from gradcheck.report.files import render

    if output is None and form == "text":
        from rich.console import Console

        from gradcheck.report.terminal import print_result

        for result in results:
            print_result(result, Console())
    elif output is None:
        typer.echo(render(results, form, errors))
    else:
        output.write_text(render(results, form, errors), encoding="utf-8")


def _exit_code(results: "list[Result]", inconclusive: str) -> int:
    outcomes = {result.outcome.value for result in results}
    if "disagree" in outcomes:
        return DISAGREE
    return INCONCLUSIVE if "inconclusive" in outcomes and inconclusive == "fail" else AGREE


def _one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise typer.BadParameter(f"{option} {given!r}: choose {', '.join(known)}")


def _finish(run: Callable[[], int], form: str, output: Path | None) -> None:
    """Runs a command and leaves with its exit code; what goes wrong is one sentence on stderr (JSON: stdout too)."""
    try:
        code = run()
    except GradcheckError as error:
        typer.echo(f"gradcheck: {error}", err=True)
        if form == "json":
            from gradcheck.report.files import render_error

            (typer.echo if output is None else output.write_text)(render_error(str(error)))
        code = error.exit_code
    except OSError as error:  # user code's own are UserCodeErrors: this is a page or an answer that cannot be written
        typer.echo(
            f"gradcheck: {error.filename}: {error.strerror}: name a file or folder that can be written", err=True
        )
        code = USAGE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception:
        traceback.print_exc()
        typer.echo("gradcheck: internal error: this is a fault of gradcheck, please report it with the file", err=True)
        code = INTERNAL
    raise typer.Exit(code)
