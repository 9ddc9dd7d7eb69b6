"""A user's text run once more, as their file was."""

import ast
import inspect
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.program.modules import importable
from gradcheck.subject.cases import Case
from gradcheck.subject.files import MODULE


def run_tree(case: Case, tree: ast.Module, helpers: Mapping[str, Any]) -> ModuleType:
    """A fresh module in which the tree was run, as the case's own file was."""
    path = case.subject.path or "<text>"
    own = getattr(inspect.unwrap(case.functions.loss), "__globals__", {})
    module = ModuleType(MODULE)
    module.__dict__.update(helpers, __file__=path, __package__=own.get("__package__") or "")
    with importable(Path(path).resolve().parent), np.errstate(all="ignore"):
        exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)
    return module
