"""The command line itself, and what its exit codes mean."""

from typing import Annotated

import typer

from gradcheck import __version__
from gradcheck.errors import UsageError

AGREE, DISAGREE, USAGE, INCONCLUSIVE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130  # 5: NothingToCheck
# The command whose options may stand in pyproject.toml.
WITH_DEFAULTS = "check"

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def _before(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="print the version")] = False
) -> None:
    """Says whether a gradient is right, where it is wrong, and shows the evidence."""
    if version:
        typer.echo(f"gradcheck {__version__}")
        raise typer.Exit
    if context.invoked_subcommand == WITH_DEFAULTS:
        from gradcheck.cli.defaults import read_defaults

        try:
            context.default_map = {WITH_DEFAULTS: read_defaults(context, WITH_DEFAULTS)}
        except UsageError as error:
            typer.echo(f"gradcheck: {error}", err=True)
            raise typer.Exit(USAGE) from None
