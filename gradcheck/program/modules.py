"""A file of user code, run in a namespace of its own."""

import ast
import logging
import random
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck.program.instrument import Parse, instrument
from gradcheck.program.tops import NO_TOP, Top, keys_of, run_steps, steps_of

# Not "__main__": the file's `if __name__ == "__main__":` block must not run.
NAME = "gradcheck_traced"


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """The folder stands first on the import path while the block runs; what draws random numbers begins anew.

    A file that is run again, to be traced or diagnosed, thus has the same data though it sets no seed. The command
    line is empty: a file that reads its options there takes their defaults.
    """
    sys.path.insert(0, str(folder))
    arguments, sys.argv = sys.argv, sys.argv[:1]
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        sys.argv = arguments
        if str(folder) in sys.path:
            sys.path.remove(str(folder))


@contextmanager
def in_modules(module: types.ModuleType | None) -> Iterator[None]:
    """The module stands in sys.modules under its name while the block runs, and whatever stood there does after it.

    Dataclasses, type hints, pickle and `sys.modules[__name__]` look there while the module's code and its functions
    run; of several texts of a file each finds its own. None: of a file that was imported as usual.
    """
    if module is None:
        yield
        return
    name = module.__name__
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    finally:
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before


@contextmanager
def unwarned() -> Iterator[None]:
    """While the block runs nothing is warned of, but for what it asks for itself: a file that is run again has said so.

    A filter that its first run set may make an error of a warning that came before it. Nothing is logged either.
    """
    level = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@contextmanager
def loaded(
    source: str, filename: str, helpers: Mapping[str, Any], parse: Parse = ast.parse, top: Top = NO_TOP
) -> Iterator[dict[str, Any]]:
    """The namespace of the instrumented file while the block runs, its folder `importable` so long.

    top: what is kept of its first run. Afterwards sys.path and sys.modules are what they were. Raises what the file
    raises.
    """
    module = types.ModuleType(NAME)
    module.__dict__.update(helpers, __file__=filename)
    folder = Path(filename).resolve().parent
    path, present = list(sys.path), set(sys.modules)
    sys.modules[NAME] = module
    try:
        with importable(folder), unwarned():
            keys = keys_of(parse(source, filename).body) if top.kept else None
            run_steps(steps_of(instrument(source, filename, parse), filename, top, keys), module.__dict__)
            yield module.__dict__
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - present:
            if name == NAME or _lies_in(sys.modules[name], folder):
                del sys.modules[name]


def _lies_in(module: types.ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve().parent == folder
