"""Any structure of parameters as named arrays, and back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import UsageError
from gradcheck.results.arrays import Floats

Arrays = dict[str, Floats]
Build = Callable[[Mapping[str, NDArray[Any]]], Any]


@dataclass(frozen=True, slots=True)
class Flat:
    """Named float64 arrays of a structure, the dtype of each, and `build`, which puts arrays back into it.

    A complex leaf `z` is two of them, `z.real` and `z.imag`.
    """

    arrays: Arrays
    dtypes: dict[str, np.dtype[Any]]
    build: Build


@dataclass(frozen=True, slots=True)
class Misfit:
    """What stands in the place of a gradient that has not the shape it should have, and the sentence that says so."""

    words: str


def flatten(structure: Any, name: str = "x") -> Flat:
    """Every number of nested dicts, lists, tuples and dataclasses by dotted name (`layer0.W`); a bare leaf is `name`.

    Raises UsageError for a leaf that is no number that one can differentiate by, with its name.
    """
    parts = [part for path, leaf in _leaves(structure, _root(structure, name), name) for part in _parts(path, leaf)]
    arrays = {path: np.array(leaf, dtype=np.float64) for path, leaf in parts}
    dtypes = {path: np.asarray(leaf).dtype for path, leaf in parts}
    return Flat(arrays, dtypes, lambda numbers: _build(structure, _root(structure, name), name, numbers))


def arrays_in(structure: Any, name: str = "x") -> Arrays | None:
    """The arrays themselves that a structure holds, by name; None where a leaf is no float64 array in row-major order.

    Who writes into them changes the structure.
    """
    leaves = dict(_leaves(structure, _root(structure, name), name))
    return leaves if all(map(_is_plain_array, leaves.values())) else None


def complex_names(structure: Any, name: str = "x") -> list[str]:
    """The names of the complex leaves of a structure."""
    return [path for path, leaf in _leaves(structure, _root(structure, name), name) if _is_complex(leaf)]


def gather(gradient: Any, structure: Any, name: str = "x") -> dict[str, Any]:
    """What a gradient holds in the place of every leaf of `structure`, by the leaf's name, where it holds anything.

    For a complex leaf it is dL/d(real part) + i dL/d(imaginary part). Names on top of a dict that belong to no
    parameter are kept as they are.
    """
    found: dict[str, Any] = {}
    root = _root(structure, name)
    for path, leaf in _leaves(structure, root, name):
        held = _in_place_of(path.removeprefix(f"{root}.") if root else path, gradient, structure, name)
        found |= dict(_halves(path, held)) if _is_complex(leaf) else {path: held}
    known = {key for key, _ in _children(structure) or [(name, None)]}
    strange = {str(key): value for key, value in gradient.items()} if isinstance(gradient, Mapping) else {}
    found |= {key: value for key, value in strange.items() if key not in known}
    return {path: leaf for path, leaf in found.items() if leaf is not None}


def _root(structure: Any, name: str) -> str:
    """The entries of a bare list need a name before their number (`x.0`), those of a dict have their own."""
    is_plain = isinstance(structure, list | tuple) and not hasattr(structure, "_fields")
    return name if is_plain and _children(structure) is not None else ""


def _parts(path: str, leaf: Any) -> list[tuple[str, Any]]:
    """The real leaves of a leaf: itself, or the two halves of a complex one."""
    _refuse_discrete(path, leaf, np.asarray(leaf).dtype)
    return _halves(path, leaf) if _is_complex(leaf) else [(path, leaf)]


def _halves(path: str, value: Any) -> list[tuple[str, Any]]:
    array = np.asarray(value)
    is_number = array.dtype.kind in "fciub"
    real, imag = (array.real, array.imag) if is_number else (value, value)
    return [(f"{path}.real", real), (f"{path}.imag", imag)]


def _is_plain_array(leaf: Any) -> bool:
    return type(leaf) is np.ndarray and leaf.dtype == np.float64 and leaf.flags.c_contiguous and leaf.flags.writeable


def _is_complex(leaf: Any) -> bool:
    return np.asarray(leaf).dtype.kind == "c"


def _in_place_of(path: str, gradient: Any, structure: Any, bare: str) -> Any:
    """Walks gradient and structure side by side along the path; None where the gradient ends early."""
    children = _children(structure)
    if isinstance(gradient, Misfit):
        return gradient
    if children is None:
        return gradient.get(bare) if isinstance(gradient, Mapping) else gradient
    for key, child in children:
        if path == key or path.startswith(f"{key}."):
            held = _held(gradient, key)
            return None if held is None else _in_place_of(path.removeprefix(key).removeprefix("."), held, child, bare)
    return None


def _held(container: Any, key: str) -> Any:
    if isinstance(container, Mapping):
        return next((value for name, value in container.items() if str(name) == key), None)
    if isinstance(container, list | tuple) and key.isdigit():
        return container[int(key)] if int(key) < len(container) else None
    return getattr(container, key, None)


def _children(structure: Any) -> list[tuple[str, Any]] | None:
    """(key, child) of a container; None for a leaf. A list of plain numbers is one array, not many leaves."""
    if isinstance(structure, Mapping):
        return [(str(key), child) for key, child in structure.items()]
    if is_dataclass(structure) and not isinstance(structure, type):
        held = [(field.name, getattr(structure, field.name)) for field in fields(structure) if field.init]
        return [(name, child) for name, child in held if not _is_setting(child)]
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return list(zip(structure._fields, structure, strict=True))
    if isinstance(structure, list | tuple) and not _is_array_like(structure):
        return [(str(place), child) for place, child in enumerate(structure)]
    return None


def _is_setting(value: Any) -> bool:
    """A field of a dataclass that is no number (`activation: str`, `bias: bool`) goes along with the parameters."""
    return value is None or isinstance(value, str | bool | Enum) or callable(value)


def _is_array_like(structure: Any) -> bool:
    flat = all(isinstance(item, int | float | complex | np.number) for item in structure)
    nested = all(isinstance(item, list | tuple) and item and _is_array_like(item) for item in structure)
    return len(structure) > 0 and (flat or (nested and len({len(item) for item in structure}) == 1))


def _leaves(structure: Any, path: str, bare: str) -> Iterator[tuple[str, Any]]:
    children = _children(structure)
    if children is None:
        yield path or bare, structure
        return
    for key, child in children:
        yield from _leaves(child, f"{path}.{key}" if path else key, bare)


def _build(structure: Any, path: str, bare: str, numbers: Mapping[str, NDArray[Any]]) -> Any:
    children = _children(structure)
    if children is None:
        return _as_leaf(structure, _joined(structure, path or bare, numbers))
    parts = [_build(child, f"{path}.{key}" if path else key, bare, numbers) for key, child in children]
    if isinstance(structure, Mapping):
        return dict(zip(structure, parts, strict=True))
    if is_dataclass(structure) and not isinstance(structure, type):
        return replace(structure, **dict(zip((key for key, _ in children), parts, strict=True)))
    return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)


def _joined(leaf: Any, path: str, numbers: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """The array of a leaf; that of a complex one put together from its halves."""
    if not _is_complex(leaf):
        return numbers[path]
    real, imag = numbers[f"{path}.real"], numbers[f"{path}.imag"]
    whole = np.empty(np.shape(real), dtype=np.result_type(real, imag, np.complex64))
    whole.real[...], whole.imag[...] = real, imag
    return whole


def _as_leaf(like: Any, array: NDArray[Any]) -> Any:
    """A fresh leaf of the user's kind: a Python float stays one, a list a list, an array keeps its layout.

    The array may have another shape than the user's.
    """
    if isinstance(like, int | float | complex) and not isinstance(like, np.generic):
        return np.asarray(array).item()
    if isinstance(like, list | tuple):
        return _as_sequence(like, np.asarray(array).tolist())
    if isinstance(like, np.generic):
        return np.array(array)[()]
    same = np.shape(like) == np.shape(array)
    fresh = np.empty_like(np.asarray(like) if same else array, dtype=array.dtype)
    fresh[...] = array
    return fresh


def _as_sequence(like: Any, values: Any) -> Any:
    """Nested lists in the place of nested lists and tuples."""
    if not isinstance(like, list | tuple):
        return values
    return type(like)(_as_sequence(inner, value) for inner, value in zip(like, values, strict=True))


def _refuse_discrete(path: str, leaf: Any, dtype: np.dtype[Any]) -> None:
    if isinstance(leaf, int | float | complex) and not isinstance(leaf, bool):
        return
    if dtype.kind in "iub":
        mend = f"np.array({path}, dtype=float)" if isinstance(leaf, list | tuple) else f"{path}.astype(float)"
        raise UsageError(f"parameter {path} holds integers ({dtype}): a derivative needs real numbers, pass {mend}")
    if dtype.kind not in "fc":
        what = "None" if leaf is None else f"{type(leaf).__name__} ({dtype})"
        raise UsageError(f"parameter {path} is {what}: give a real number or an array of them")
