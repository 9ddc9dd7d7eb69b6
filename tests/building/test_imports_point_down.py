"""The layers of CONTRIBUTING.md, proved: a room imports only from lines below its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "gradcheck"
LAYERS = [
    {"results", "errors", "labels", "precision", "examples"},
    {"network", "program"},
    {"subject"},
    {"symbolic", "numeric", "backprop"},
    {"judgement"},
    {"verification"},
    {"evidence"},
    {"diagnosis", "audit", "derivation", "strategies"},
    {"checks", "training", "registration"},
    {"cli", "__main__", "__init__", "report"},
]
GROUND = LAYERS[0]
ONLY = {
    "sympy": {"symbolic"},
    "mpmath": {"symbolic"},
    "hypothesis": {"strategies"},
    "pytest": set(),
    "typer": {"cli"},
    "rich": {"cli", "report"},
    "jinja2": {"report"},
}
FILES = sorted(path for path in ROOT.rglob("*.py") if "examples" not in path.parts)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def level_of(room: str) -> int:
    return next(level for level, rooms in enumerate(LAYERS) if room in rooms)


def imported(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively: write the whole name"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def may_import(room: str, other: str) -> bool:
    if room == other:
        return True
    if room == "report":
        return other in GROUND
    same_ground = room in GROUND and other in GROUND
    return same_ground or level_of(other) < level_of(room) or (level_of(room) == len(LAYERS) - 1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    room = room_of(path)
    names = {name.split(".")[1] for name in imported(path) if name.startswith("gradcheck.")}
    strays = {name for name in names if not name.startswith("__version") and not may_import(room, name)}
    assert not strays, f"{room} may not import {sorted(strays)}: pass the value in, or move the code up"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_libraries_stay_in_their_rooms(path):
    room = room_of(path)
    strays = {name for name in {m.split(".")[0] for m in imported(path)} if name in ONLY and room not in ONLY[name]}
    assert not strays, f"{room} may not import {sorted(strays)}"


def test_every_room_has_a_layer():
    assert {room_of(path) for path in FILES} <= set.union(*LAYERS)


def test_a_planted_upward_import_is_seen(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text("from gradcheck.checks import check\n")
    assert "gradcheck.checks" in imported(planted)
    assert not may_import("numeric", "checks")
    assert not may_import("numeric", "backprop")
    assert not may_import("report", "numeric")
    assert may_import("checks", "numeric")
