"""Results written down: rendered in a format, or as a folder of pages."""

import json
from collections.abc import Sequence
from pathlib import Path

from gradcheck.report.as_html import derivation_to_html, to_html, to_index
from gradcheck.report.as_json import to_error, to_many, to_plain
from gradcheck.report.as_text import to_text
from gradcheck.results.derivations import Derivation
from gradcheck.results.result import Result

# Letters of a network's text in the name of its page: file systems take 255 bytes, people less.
LONGEST = 60


def render(results: Sequence[Result], form: str, errors: Sequence[str] = ()) -> str:
    """The results as one document: text, json or html; in json with what could not be checked."""
    if form == "json":
        plain = to_plain(results[0]) if len(results) == 1 and not errors else to_many(results, errors)
        return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    view = to_text if form == "text" else to_html
    return "\n\n".join(view(result) for result in results)


def render_error(sentence: str) -> str:
    """An error in the schema of the results."""
    return json.dumps(to_error(sentence), ensure_ascii=False)


def write_pages(results: Sequence[Result], folder: Path) -> Path:
    """Writes one page per result and an index; returns where the index lies."""
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, Result] = {}
    for result in results:
        pages[_free_name(result, pages)] = result
    for name, result in pages.items():
        (folder / name).write_text(to_html(result), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(to_index(pages), encoding="utf-8")
    return index


def write_derivation(derivation: Derivation, folder: Path) -> Path:
    """Writes the page of a derivation; returns where it lies."""
    folder.mkdir(parents=True, exist_ok=True)
    words = f"derive-{Path(derivation.subject).stem}-{derivation.parameter}"
    page = folder / f"{_plain(words)}.html"
    page.write_text(derivation_to_html(derivation), encoding="utf-8")
    return page


def _plain(words: str) -> str:
    """The words as a file may be called anywhere."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in words).strip("-")


def _free_name(result: Result, taken: dict[str, Result]) -> str:
    """The file's own name, or the network's, with a number where another of that name is among the results."""
    named = _plain(result.subject.loss)[:LONGEST] if result.of_network else result.subject.grad
    stem = Path(result.subject.path).stem if result.subject.path else named
    names = (f"{stem}.html" if number == 1 else f"{stem}-{number}.html" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in (*taken, "index.html"))
