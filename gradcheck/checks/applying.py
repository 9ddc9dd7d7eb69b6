"""A verified fix written into the file that it mends."""

import os
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

from gradcheck.diagnosis.edits import apply_edits
from gradcheck.errors import UsageError
from gradcheck.results.diagnoses import Edit, Fix
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Result

# To replace a file is a right of its folder; that it may be written, its own bits say.
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def apply_fix(result: Result, before: bytes | None) -> str:
    """Writes the first verified fix of a result into its file, keeps the old one as FILE.orig, and says so.

    before: the bytes of the file before it was checked, None where a module was named in its place. Without a fix, or
    where it is but a hint, nothing is written, and that is said. Raises UsageError where the file has changed since or
    may not be written, or where another FILE.orig lies there.
    """
    path = result.subject.path
    if result.outcome is Outcome.AGREE:
        return f"{path}: nothing to mend"
    if path is None or result.diagnosis is None or not result.diagnosis.fixes:
        return f"{path}: no verified fix was found, so nothing was written"
    fix = result.diagnosis.fixes[0]
    if fix.fails_with:
        failing = " or ".join(fix.fails_with)
        return (
            f"{path}: the change that was found is not enough with {failing}, so it is a hint, and nothing was written"
        )
    place, old = Path(path).resolve(), Path(f"{path}.orig")
    if before is None:
        raise UsageError(f"nothing was written: name the file, {path}, to have its fix written")
    if place.read_bytes() != before:
        raise UsageError(f"{path} has changed since it was checked, so nothing was written: check it again")
    if old.exists() and old.read_bytes() != before:
        raise UsageError(f"{old} is there already, so nothing was written: move it away, then check again with --apply")
    if not place.stat().st_mode & WRITABLE:
        raise UsageError(f"{path} is write-protected, so nothing was written: chmod u+w {path}, then check it again")
    mended = _mended(before.decode("utf-8"), fix)
    try:
        shutil.copy2(place, old)
        _write(place, mended.encode("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} was not written, for {error.filename} cannot be ({error.strerror}): make its folder writable, or "
            "put the change in by hand"
        ) from None
    return f"{path}: {_changes(fix)}; the old file is kept as {old}"


def _mended(text: str, fix: Fix) -> str:
    """The text with the edits of a fix, its own line ends and a mark at its beginning kept."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    end = "\r\n" if "\r\n" in text else "\n"
    edits = [_with_ends(edit, end) for edit in fix.edits]
    return mark + apply_edits(text.removeprefix(mark), edits)


def _with_ends(edit: Edit, end: str) -> Edit:
    return replace(edit, old=edit.old.replace("\n", end), new=edit.new.replace("\n", end))


def _write(place: Path, content: bytes) -> None:
    """The whole file or nothing of it."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        shutil.copymode(place, name)
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _changes(fix: Fix) -> str:
    """What a reader finds changed, line by line."""
    told = (f"line {edit.span.line}: `{edit.old.strip()}` became `{edit.new.strip()}`" for edit in fix.edits)
    return "; ".join(told)
