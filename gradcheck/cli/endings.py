"""How a command ends: its answer shown, its errors said in a sentence, its exit code."""

import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gradcheck.cli.app import AGREE, DISAGREE, INCONCLUSIVE, INTERNAL, INTERRUPTED, USAGE
from gradcheck.cli.outputs import TERMINAL, Place
from gradcheck.errors import GradcheckError

if TYPE_CHECKING:
    from gradcheck.results.result import Result


def show(results: "list[Result]", places: Sequence[Place] = TERMINAL, errors: Sequence[str] = ()) -> None:
    """The results in every format that is asked for, in a file or on stdout; text on a terminal is coloured."""
    from gradcheck.report.files import render

    for place in places:
        if place != Place("text"):
            _put(render(results, place.form, errors), place)
            continue
        from rich.console import Console

        from gradcheck.report.terminal import print_result

        for result in results:
            print_result(result, Console())


def _put(text: str, place: Place) -> None:
    """Writes a text where it belongs."""
    if place.file is None:
        typer.echo(text)
    else:
        place.file.write_text(text, encoding="utf-8")


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


def loaded(files: Sequence[Path]) -> list[str]:
    """The options that run these files again."""
    return [word for file in files for word in ("--load", str(file))]


def exit_code(results: "list[Result]", inconclusive: str) -> int:
    """1 where one disagrees, else 3 where one is inconclusive and that is to fail, else 0."""
    outcomes = {result.outcome.value for result in results}
    if "disagree" in outcomes:
        return DISAGREE
    return INCONCLUSIVE if "inconclusive" in outcomes and inconclusive == "fail" else AGREE


def warn_of(results: "list[Result]") -> None:
    """One sentence on stderr for each result that is left open."""
    from gradcheck.report.findings import finding_of

    for result in results:
        if result.outcome.value == "inconclusive":
            where = result.subject.path or result.subject.loss
            typer.echo(f"gradcheck: warning: {where}: inconclusive: {finding_of(result).headline}", err=True)


def one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    """Raises BadParameter with the choices unless what was given is one of them."""
    if given not in known:
        raise typer.BadParameter(f"{option} {given!r}: choose {', '.join(known)}")


def finish(run: Callable[[], int], places: Sequence[Place] = TERMINAL) -> None:
    """Runs a command and leaves with its exit code; what goes wrong is one sentence on stderr, and in every JSON."""
    try:
        code = run()
    except GradcheckError as error:
        typer.echo(f"gradcheck: {error}", err=True)
        for place in places:
            if place.form == "json":
                from gradcheck.report.files import render_error

                _put(render_error(str(error)), place)
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
