"""Which files a target means."""

import re
from pathlib import Path

from gradcheck.subject.naming import GRAD_NAMES, LOSS_NAMES


def find_files(target: str) -> list[str]:
    """The target itself, or, for a folder, every Python file below it that defines a loss and a gradient, sorted.

    Hidden folders and installed packages (`.venv`, `site-packages`) are left out.
    """
    place = Path(target)
    if not place.is_dir():
        return [target]
    own = (file for file in sorted(place.rglob("*.py")) if not any(map(_is_not_own, file.relative_to(place).parts)))
    return [str(file) for file in own if _defines(file, LOSS_NAMES) and _defines(file, GRAD_NAMES)]


def _is_not_own(part: str) -> bool:
    """A part of a path below which no code of the user's lies."""
    return part.startswith(".") or part == "site-packages"


def _defines(file: Path, names: tuple[str, ...]) -> bool:
    text = file.read_text(encoding="utf-8", errors="replace")
    return re.search(rf"^def ({'|'.join(names)})\(", text, re.MULTILINE) is not None
