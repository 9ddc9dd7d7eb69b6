"""A change of a file's text as a unified diff that `patch FILE` and `git apply` take."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

# The mark with which some editors begin a file.
MARK = "\ufeff"


def diff_of(path: str, old: str, new: str) -> str:
    """The diff between two texts of a file, with the line ends and the mark that stand in the file itself.

    old: as Python reads it, every line end a line feed. Empty where nothing changes.
    """
    name = Path(path).name
    before, after = _lines(old), _lines(new)
    own = _own_lines(path, before)
    lines = difflib.unified_diff(own, _in_style(before, after, own), name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """The lines as `patch` sees them: only a line feed ends one."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _own_lines(path: str, read: list[str]) -> list[str]:
    """The lines of the file as they lie there; those that were read, where it is not at hand or another by now."""
    try:
        own = _lines(Path(path).read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError):
        return read
    same = [line.replace("\r\n", "\n") for line in own]
    if same:
        same[0] = same[0].removeprefix(MARK)
    return own if same == read else read


def _in_style(before: Sequence[str], after: Sequence[str], own: Sequence[str]) -> list[str]:
    """The new lines: those that stay as they lie in the file, the others with its line ends."""
    end = "\r\n" if own and own[0].endswith("\r\n") else "\n"
    mark = MARK if own and own[0].startswith(MARK) else ""
    made: list[str] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        made += own[i:j] if kind == "equal" else [re.sub(r"\r?\n$", end, line) for line in after[k:m]]
    if made:
        made[0] = mark + made[0].removeprefix(MARK)
    return made
