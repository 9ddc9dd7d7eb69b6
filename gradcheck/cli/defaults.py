"""Defaults of `gradcheck check` from the table [tool.gradcheck] of the nearest pyproject.toml."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from gradcheck.errors import UsageError

# What must be asked for each time: it writes into the user's source.
NEVER = ("help", "apply")


def read_defaults(context: typer.Context, command: str) -> dict[str, Any]:
    """The command's arguments by name, from the options of that table (`level = "thorough"`, `no-diagnosis = true`).

    Folders and files to write lie beside that pyproject.toml. Raises UsageError where a key is no option.
    """
    found = _find_table(Path.cwd())
    if found is None:
        return {}
    place, table = found
    params = context.command.commands[command].params  # type: ignore[attr-defined]
    options = {name.lstrip("-"): one for one in params for name in one.opts if name.startswith("--")}
    known = {name: one for name, one in options.items() if name not in NEVER}
    values = {}
    for key, value in table.items():
        if key not in known:
            raise UsageError(f"{place}: [tool.gradcheck] has no key {key!r}: {_mend(key, list(known))}")
        values[known[key].name] = _read(key, value, known[key].multiple, place.parent)
    return values


def _find_table(folder: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """The nearest pyproject.toml, from a folder upwards, that has the table, and the table."""
    for place in (parent / "pyproject.toml" for parent in (folder, *folder.parents)):
        if place.is_file():
            try:
                held = tomllib.loads(place.read_text(encoding="utf-8"))
            except ValueError as error:
                raise UsageError(f"{place} is no TOML ({error}): mend the syntax") from None
            table = held.get("tool", {}).get("gradcheck")
            if isinstance(table, dict):
                return place, table
    return None


def _read(key: str, value: Any, many: bool, folder: Path) -> Any:
    """A value as the command line would give it."""
    values = value if isinstance(value, list) else [value]
    if key in ("report", "output"):
        values = [str(folder / one) for one in values]
    return values if many else values[0] if len(values) == 1 else value


def _mend(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key.replace("_", "-"), known, 1)
    return f"did you mean {near[0]}?" if near else f"it may have {', '.join(known)}"
