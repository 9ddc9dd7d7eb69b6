"""package.module as the file that it is."""

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from gradcheck.program.modules import importable
from gradcheck.subject.blame import blaming

DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class FoundModule:
    """The file of a module, the package it belongs to ("" for none), and the folder that imports start from."""

    path: Path
    package: str
    root: Path


def find_module(name: str) -> FoundModule | None:
    """Where Python finds a module, looking first in the current folder; None where it finds no source file.

    Finding `a.b` runs the file of the package `a`, as importing it would.
    """
    if not DOTTED.fullmatch(name):
        return None
    here = Path.cwd()
    with importable(here), blaming(name, f"importing the package of {name}", (ModuleNotFoundError,)):
        try:
            spec = importlib.util.find_spec(name)
        except (ModuleNotFoundError, ValueError):
            return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = Path(spec.origin)
    inside = path.relative_to(here) if path.is_relative_to(here) else path
    return FoundModule(inside, spec.parent or "", here)
