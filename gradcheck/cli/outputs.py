"""Where an answer goes, and in which format."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FORMATS = ("text", "json", "html")
BY_ENDING = {".json": "json", ".html": "html", ".htm": "html"}


@dataclass(frozen=True, slots=True)
class Place:
    """A format, and the file to write in it; None: stdout."""

    form: str
    file: Path | None = None


TERMINAL = (Place("text"),)


def places_of(form: str, files: Sequence[Path]) -> tuple[Place, ...]:
    """One place per file, in the format that its ending names, else in `form`; without files stdout, in `form`."""
    return tuple(Place(BY_ENDING.get(file.suffix.lower(), form), file) for file in files) or (Place(form),)
