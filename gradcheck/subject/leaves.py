"""Numbers wherever they are kept: `net.params["W1"]`, `layers[0].W`, `net.weights[1]`, each with its path."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# One step on the way to a number: ("name", "net"), ("attr", "params"), ("item", "W1").
Step = tuple[str, str | int]
Path = tuple[Step, ...]
# A longer list is data, and not looked into; so much is looked at in all.
LONGEST, MOST = 256, 20_000
# What a number of one's own class is kept as.
HELD = ("data", "value", "val")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value at the end of a path; holder: the identity of what it is a part of, 0 of a variable."""

    path: Path
    value: Any
    holder: int


def leaves_of(names: Mapping[str, Any], own: str) -> dict[Path, Leaf]:
    """Everything without parts that variables hold, by path; of objects only those of classes of the module `own`."""
    found: dict[Path, Leaf] = {}
    for name, value in list(names.items()):
        if not name.startswith("__"):
            for leaf in _walk(value, (("name", name),), own, (0,)):
                found[leaf.path] = leaf
                if len(found) >= MOST:
                    return found
    return found


def as_numbers(value: Any) -> NDArray[np.float64] | None:
    """A copy of a real number, or an array of them, as float64; None for anything else."""
    if isinstance(value, bool | str | bytes) or not isinstance(value, int | float | np.number | np.ndarray):
        return None
    if isinstance(value, np.ndarray) and (value.dtype.kind != "f" or not value.size):
        return None
    array = np.array(value, dtype=np.float64)
    return array if math.prod(array.shape) else None


def put(names: dict[str, Any], path: Path, value: Any) -> None:
    """Puts a value in the place of a path."""
    holder: Any = names
    for kind, key in path[:-1]:
        holder = getattr(holder, str(key)) if kind == "attr" else holder[key]
    kind, key = path[-1]
    if kind == "attr":
        setattr(holder, str(key), value)
    else:
        holder[key] = value


def code_of(path: Path) -> str:
    """`net.params['W1']`."""
    forms = {"name": "{}", "attr": ".{}", "item": "[{!r}]"}
    return "".join(forms[kind].format(key) for kind, key in path)


def names_for(paths: list[Path]) -> dict[Path, str]:
    """What to call each: the last word of its path, or as much of its end as tells it from the others."""
    told = {path: path[:-1] if len(path) > 1 and path[-1][1] in HELD else path for path in paths}
    found: dict[Path, str] = {}
    for path, short in told.items():
        others = [other for one, other in told.items() if one != path]
        lengths = range(1, len(short) + 1)
        ends = (_end(short, n) for n in lengths if all(_end(short, n) != _end(other, n) for other in others))
        found[path] = next((end for end in ends if end), code_of(short))
    return found


def _end(path: Path, length: int) -> str:
    """The end of a path as one reads it; empty where it begins with a number."""
    first = path[-length:][0][1]
    return f"{first}{code_of(path[-length:][1:])}" if isinstance(first, str) and first.isidentifier() else ""


def _walk(value: Any, path: Path, own: str, around: tuple[int, ...]) -> Iterator[Leaf]:
    parts = _parts(value, own)
    if parts is None:
        yield Leaf(path, value, around[-1])
    elif id(value) not in around and len(parts) <= LONGEST:
        for step, part in parts:
            yield from _walk(part, (*path, step), own, (*around, id(value)))


def _parts(value: Any, own: str) -> list[tuple[Step, Any]] | None:
    if isinstance(value, dict):
        return [(("item", key), part) for key, part in value.items() if isinstance(key, str | int)]
    if isinstance(value, list | tuple):
        return [(("item", place), part) for place, part in enumerate(value)]
    if type(value).__module__ == own and hasattr(value, "__dict__"):
        return [(("attr", name), part) for name, part in vars(value).items()]
    return None
