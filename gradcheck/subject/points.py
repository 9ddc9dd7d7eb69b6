"""A point kept in a file: JSON or NumPy's npz."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck.errors import UsageError

ENDINGS = (".json", ".npz")


def is_point_file(at: str) -> bool:
    """Does `at` name a file with a point, rather than a value of the file under check?"""
    return not at.isidentifier()


def read_point(path: str | Path) -> dict[str, Any]:
    """Parameters by name from FILE.json ({"w1": 0.2, "W": [[1, 2]]}) or FILE.npz; UsageError where it holds none."""
    place = Path(path)
    if place.suffix not in ENDINGS:
        raise UsageError(f"{place} is no point: name a value in the file, or a file whose name ends in .json or .npz")
    try:
        if place.suffix == ".npz":
            with np.load(place, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        values = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"there is no file {place}: check the path of the point") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{place} holds no point ({error}): write JSON as {{name: number or nested lists}}") from None
    if not isinstance(values, dict):
        raise UsageError(f"{place} holds a {type(values).__name__}: write an object with one entry per parameter")
    return {name: _as_parameter(value) for name, value in values.items()}


def _as_parameter(value: Any) -> Any:
    return np.array(value, dtype=float) if isinstance(value, list) else value
