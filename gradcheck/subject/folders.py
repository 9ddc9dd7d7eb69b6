"""Which files a target means."""

import re
from collections.abc import Collection
from pathlib import Path

from gradcheck.subject.naming import GRAD_NAMES, LOSS_NAMES

IS_TEST = re.compile(r"test_.*|.*_test\.py|conftest\.py")
# What a script, or a file whose loss has another name, makes: `grads["W1"] = `, `dLoss_dw1 = `, `self.dW += `.
MAKES = re.compile(r"^\s*(def )?(self\.)?(grads?|gradients?|d[A-Z]\w*|d\w+_d\w+)(\[.*\])?( [-+]?= |\()", re.MULTILINE)


def find_files(target: str) -> list[str]:
    """The target itself, or, for a folder, every Python file below it that defines a loss and a gradient, sorted.

    Hidden folders and installed packages (`.venv`, `site-packages`) are left out.
    """
    place = Path(target)
    if not place.is_dir():
        return [target]
    return [str(file) for file in _own_files(place) if _defines(file, LOSS_NAMES) and _defines(file, GRAD_NAMES)]


def passed_over(target: str, chosen: Collection[str]) -> list[str]:
    """The files of a folder that seem to compute gradients, as a script does, but define no loss and gradient to check.

    Tests are not meant. chosen: the files that are checked.
    """
    place = Path(target)
    own = (file for file in _own_files(place) if str(file) not in chosen) if place.is_dir() else ()
    return [str(file) for file in own if not IS_TEST.match(file.name) and MAKES.search(_text(file))]


def _own_files(place: Path) -> list[Path]:
    return [file for file in sorted(place.rglob("*.py")) if not any(map(_is_not_own, file.relative_to(place).parts))]


def _is_not_own(part: str) -> bool:
    """A part of a path below which no code of the user's lies."""
    return part.startswith(".") or part == "site-packages"


def _defines(file: Path, names: tuple[str, ...]) -> bool:
    return re.search(rf"^def ({'|'.join(names)})\(", _text(file), re.MULTILINE) is not None


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
