"""A table of measurements with one column to predict, from a CSV file."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gradcheck.errors import UsageError
from gradcheck.results.arrays import Floats


@dataclass(frozen=True, slots=True)
class Table:
    """inputs: (rows, columns), each column shifted and scaled to mean 0 and variance 1. targets: (rows, kinds), 1 at
    the row's kind and 0 elsewhere. columns: the names of the inputs. kinds: what the target column holds, sorted.
    """

    inputs: Floats
    targets: Floats
    columns: tuple[str, ...]
    kinds: tuple[str, ...]


def read_table(path: str | Path, target: str | None = None) -> Table:
    """The table of a CSV file, comma, semicolon, tab or blank between the cells, with or without a line of names.

    target: the name or number (from 1) of the column that holds the kinds, else the last. Raises UsageError, with the
    line, for a cell that is no number, a row of another length, fewer than two kinds.
    """
    names, rows = _cells(Path(path))
    place = _column(names, target)
    kinds = tuple(sorted({row[place] for _, row in rows}))
    if len(kinds) < 2:
        raise UsageError(f"{path}: column {names[place]} holds {len(kinds)} kind: give one with two kinds or more")
    numbers = np.array([[_number(path, line, cell) for k, cell in enumerate(row) if k != place] for line, row in rows])
    spread = numbers.std(axis=0)
    inputs = (numbers - numbers.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    targets = np.array([[float(row[place] == kind) for kind in kinds] for _, row in rows])
    return Table(inputs, targets, tuple(name for k, name in enumerate(names) if k != place), kinds)


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and (line, cells) of every row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}): give a CSV file in UTF-8") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise UsageError(f"{path} is empty: give a row for each sample")
    mark = next((mark for mark in ",;\t" if mark in lines[0][1]), None)
    rows = [(n, next(csv.reader([line], delimiter=mark)) if mark else line.split()) for n, line in lines]
    rows = [(number, [cell.strip() for cell in row]) for number, row in rows]
    has_names = not any(map(_is_number, rows[0][1]))
    names = rows[0][1] if has_names else [f"column {k}" for k in range(1, len(rows[0][1]) + 1)]
    body = rows[1:] if has_names else rows
    for number, row in body:
        if len(row) != len(names):
            raise UsageError(f"{path}, line {number}: {len(row)} cells, not {len(names)}: mend the row")
    return names, body


def _column(names: list[str], target: str | None) -> int:
    if target is None:
        return len(names) - 1
    if target in names:
        return names.index(target)
    if target.isdecimal() and 1 <= int(target) <= len(names):
        return int(target) - 1
    raise UsageError(f"there is no column {target!r}: choose from {', '.join(names)}")


def _number(path: str | Path, line: int, cell: str) -> float:
    if not _is_number(cell) or not np.isfinite(float(cell)):
        raise UsageError(f"{path}, line {line}: {cell!r} is no number: mend the cell, or leave the row out")
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
