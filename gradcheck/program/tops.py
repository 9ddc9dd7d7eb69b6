"""What is slow at the top of a file, kept from its first run: where the file is run again, it is put back.

A statement that reads data or trains takes seconds, and a diagnosis runs a file some thousand times. What it left
behind is good for every text with the same data statements up to it, whatever its functions are; what hangs on those
after all is for the caller to find out, by a whole run in the end.
"""

import __future__

import ast
import hashlib
import io
import pickle
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
Places = Mapping[int, str]


@dataclass(frozen=True, eq=False)
class Kept:
    """What a statement left behind, and all before it: the data of the module, and the global random states.

    is_outside: it reached outside of the program; then only what it changed itself is kept, and it is never run again;
    shared: of that what cannot be copied.
    """

    state: bytes
    randoms: tuple[Any, Any]
    is_outside: bool = False
    shared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Top:
    """The slow statements at the top of a file. kept: what they left, by `keys_of` each; seconds: of CPU, by line.

    again: the lines of those of which nothing can be kept, so that they are run again each time.
    """

    kept: Mapping[str, Kept] = field(default_factory=dict)
    seconds: Mapping[int, float] = field(default_factory=dict)
    again: frozenset[int] = frozenset()

    @property
    def outside(self) -> "Top":
        """The same of the statements alone that reach outside of the program."""
        return Top({key: one for key, one in self.kept.items() if one.is_outside})


Step = CodeType | Kept
NO_TOP = Top()


def keys_of(body: Sequence[ast.stmt]) -> list[str | None]:
    """For every statement that defines nothing what tells it, with all such before it, from those of other texts."""
    digest, keys = hashlib.sha256(), list[str | None]()
    for one in body:
        if isinstance(one, DEFINING) or _is_words(one):
            keys.append(None)
            continue
        digest.update(ast.dump(one).encode("utf-8", "surrogatepass"))
        keys.append(digest.hexdigest())
    return keys


def steps_of(tree: ast.Module, path: str, top: Top = NO_TOP, keys: Sequence[str | None] | None = None) -> list[Step]:
    """The code of every statement, or what is kept of it; keys: those of the tree before it was rewritten."""
    flags = _flags_of(tree)
    keys = (keys_of(tree.body) if top.kept else [None] * len(tree.body)) if keys is None else keys
    kept = [top.kept.get(key) if key else None for key in keys]
    return [
        one or compile(ast.Module([statement], []), path, "exec", flags=flags, dont_inherit=True)
        for one, statement in zip(kept, _without_words(tree.body), strict=True)
    ]


def run_steps(steps: Sequence[Step], names: dict[str, Any]) -> None:
    """Runs the codes in a namespace, and puts back what is kept; raises what they raise."""
    for one in steps:
        if isinstance(one, Kept):
            put_back(one, names)
        else:
            exec(one, names)


def _without_words(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements, where words stand that say nothing of the module: run alone, they would."""
    return [ast.copy_location(ast.Pass(), one) if place and _is_words(one) else one for place, one in enumerate(body)]


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _flags_of(tree: ast.Module) -> int:
    """What a file has of the future holds for all its statements."""
    named = [one for one in tree.body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    flags = 0
    for alias in (alias for one in named for alias in one.names):
        flags |= getattr(__future__, alias.name).compiler_flag if hasattr(__future__, alias.name) else 0
    return flags


def packed(names: Mapping[str, Any], changed: frozenset[str], is_outside: bool = False) -> Kept | None:
    """The data of a namespace, to be put back into another one; None where what was `changed` cannot be copied.

    Functions, classes and modules stay behind: the other namespace has its own, and what refers to them refers there.
    is_outside: only what was changed; an open file or port, which there is but once, is shared.
    """
    places = {id(value): name for name, value in names.items() if _is_code(value)}
    data = {name: value for name, value in names.items() if not name.startswith("__") and not _is_code(value)}
    dump = partial(_pickled, places=places, home=names.get("__name__"))
    if is_outside:
        data = {name: value for name, value in data.items() if name in changed}
    shared, state = dict[str, Any](), dump(data)
    if state is None:
        copies = {name: value for name, value in data.items() if dump(value) is not None}
        shared = {name: data[name] for name in changed & (data.keys() - copies.keys())}
        data, state = copies, dump(copies)
    own = names.get("__name__")
    if state is None or not changed <= {*data, *shared} or any(type(one).__module__ == own for one in shared.values()):
        return None
    randoms = np.random.get_state(), random.getstate()  # noqa: NPY002
    return Kept(state, randoms, is_outside, shared) if is_outside or not shared else None


def put_back(kept: Kept, names: dict[str, Any]) -> None:
    """Gives a namespace the data that was kept, in fresh copies, and the random generators their states."""
    names.update(_Unpacker(kept.state, names).load(), **kept.shared)
    np.random.set_state(kept.randoms[0])  # noqa: NPY002
    random.setstate(kept.randoms[1])


def _is_code(value: Any) -> bool:
    return isinstance(value, FunctionType | type | ModuleType) or hasattr(value, "__wrapped__")


def _pickled(value: Any, places: Places, home: str | None) -> bytes | None:
    stream = io.BytesIO()
    try:
        _Packer(stream, places, home).dump(value)
    except Exception:  # an open file, a lock, a lambda in a list: whatever user code keeps
        return None
    return stream.getvalue()


def _own(name: str) -> Any:
    """Stands in a pickle for what the namespace that it is loaded into has under a name."""
    raise LookupError(name)


class _Packer(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, places: Places, home: str | None) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self.places, self.home = places, home

    def reducer_override(self, value: Any) -> Any:
        name = self.places.get(id(value))
        if name is not None:
            return _own, (name,)
        if _is_code(value) and getattr(value, "__module__", None) == self.home:
            raise pickle.PicklingError(f"{value!r} has no name of its own in the file")
        return _as_view(value) if type(value) is np.ndarray else NotImplemented


def _as_view(array: NDArray[Any]) -> Any:
    """How to have a part of another array again: it shows what is written there."""
    base = array.base
    if type(base) is not np.ndarray or not (base.flags.c_contiguous and base.flags.owndata) or base.dtype.hasobject:
        return NotImplemented
    offset = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    return np.ndarray, (array.shape, array.dtype, base, offset, array.strides)


class _Unpacker(pickle.Unpickler):
    def __init__(self, state: bytes, names: Mapping[str, Any]) -> None:
        super().__init__(io.BytesIO(state))
        self.names = names

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, _own.__name__):
            own: Callable[[str], Any] = self.names.__getitem__
            return own
        return super().find_class(module, name)
