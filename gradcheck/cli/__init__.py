"""Arguments in, exit code out; no mathematics, no HTML."""

from gradcheck.cli import checking as checking
from gradcheck.cli import crossing as crossing
from gradcheck.cli import deriving as deriving
from gradcheck.cli.app import app as app


def main() -> None:
    """The command line's entry point."""
    app(prog_name="gradcheck")
