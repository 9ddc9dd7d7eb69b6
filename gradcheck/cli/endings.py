"""How a command ends: its answer shown, its errors said in a sentence, its exit code."""

import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gradcheck.cli.app import AGREE, DISAGREE, INCONCLUSIVE, INTERNAL, INTERRUPTED, USAGE
from gradcheck.errors import GradcheckError

if TYPE_CHECKING:
    from gradcheck.results.result import Result


def show(results: "list[Result]", form: str, output: Path | None, errors: Sequence[str] = ()) -> None:
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


def progress() -> "AbstractContextManager[None]":
    """A bar on stderr after a second, where that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    from gradcheck.numeric.progress import listening
    from gradcheck.report.progress import bar_on

    return listening(bar_on(Console(stderr=True)))


def load_own(files: Sequence[Path] | None) -> None:
    """Runs files that register a user's own layers and activations; what they print goes to stderr."""
    if files:
        from gradcheck.subject.files import load_file

        with redirect_stdout(sys.stderr):
            for file in files:
                load_file(file)


def exit_code(results: "list[Result]", inconclusive: str) -> int:
    """1 where one disagrees, else 3 where one is inconclusive and that is to fail, else 0."""
    outcomes = {result.outcome.value for result in results}
    if "disagree" in outcomes:
        return DISAGREE
    return INCONCLUSIVE if "inconclusive" in outcomes and inconclusive == "fail" else AGREE


def one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    """Raises BadParameter with the choices unless what was given is one of them."""
    if given not in known:
        raise typer.BadParameter(f"{option} {given!r}: choose {', '.join(known)}")


def finish(run: Callable[[], int], form: str, output: Path | None) -> None:
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
