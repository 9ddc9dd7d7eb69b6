"""The text of a result in colour, as far as the terminal shows colour and Unicode."""

from rich.console import Console
from rich.text import Text

from gradcheck.report.as_text import Line, lines_of
from gradcheck.report.signs import to_ascii_signs
from gradcheck.results.result import Result

STYLES = {
    "disagree": "bold red",
    "agree": "green",
    "inconclusive": "bold yellow",
    "note": "yellow",
    "head": "bold",
    "dim": "dim",
    "plain": "",
}


def print_result(result: Result, console: Console) -> None:
    """Prints the finding; rich leaves colour out where NO_COLOR is set or the stream is no terminal."""
    for line in lines_of(result):
        console.print(_styled(line, _holds_unicode(console)), soft_wrap=True)


def _styled(line: Line, unicode: bool) -> Text:
    return Text(line.text if unicode else to_ascii_signs(line.text), STYLES[line.kind])


def _holds_unicode(console: Console) -> bool:
    return console.encoding.lower().replace("-", "").startswith("utf")
