"""The commands that write something down: derive and samples."""

import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradcheck.cli.app import AGREE, app
from gradcheck.cli.endings import finish, load_own, one_of
from gradcheck.cli.options import At, Load, Report
from gradcheck.errors import UsageError

if TYPE_CHECKING:
    from gradcheck.results.derivations import Derivation


@app.command("derive")
def derive_command(
    subject: Annotated[str, typer.Argument(metavar="NETWORK|FILE", help="2-2-1:sigmoid,linear, a name, or a file")],
    parameter: Annotated[str | None, typer.Argument(metavar="[PARAM]", help="for example b1 or W1[0,1]")] = None,
    loss: Annotated[str | None, typer.Option("--loss", help="a network's loss, or the name of a file's loss")] = None,
    at: At = None,
    report: Report = None,
    form: Annotated[str, typer.Option("--format", help="text or html")] = "text",
    load: Load = None,
) -> None:
    """Write the chain rule out: factor by factor with numbers, path by path."""
    one_of("--format", form, ("text", "html"))

    def run() -> int:
        from gradcheck.report.as_html import derivation_to_html
        from gradcheck.report.derivations import derivation_to_text
        from gradcheck.report.files import write_derivation

        load_own(load)
        with redirect_stdout(sys.stderr):
            derivation = _derivation(subject, parameter, loss, at)
        typer.echo(derivation_to_text(derivation) if form == "text" else derivation_to_html(derivation))
        if report:
            typer.echo(f"page: {write_derivation(derivation, report)}", err=True)
        return AGREE

    finish(run)


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

    finish(run)


def _derivation(subject: str, parameter: str | None, loss: str | None, at: str | None) -> "Derivation":
    from gradcheck.checks.derivations import derive_file
    from gradcheck.derivation.chain_rule import derive

    if re.search(r"\.py(:|$)", subject):
        return derive_file(subject, parameter, loss=loss, at=at)
    if at is not None:
        raise UsageError("--at goes with a file: a network is looked at where its source does, or at short decimals")
    return derive(f"{subject};loss={loss}" if loss else subject, parameter)
