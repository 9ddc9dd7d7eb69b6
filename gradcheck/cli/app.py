"""The command line itself, and what its exit codes mean."""

from typing import Annotated

import typer

from gradcheck import __version__

AGREE, DISAGREE, USAGE, INCONCLUSIVE, INTERNAL, NOTHING, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Says whether a gradient is right, where it is wrong, and shows the evidence."""
    if version:
        typer.echo(f"gradcheck {__version__}")
        raise typer.Exit
