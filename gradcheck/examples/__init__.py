"""Runnable files, one idea each; `gradcheck demo` and the tests run them."""

from pathlib import Path


def path_of(name: str) -> Path:
    """Where a shipped example lies, as seen from the working directory where it lies below it."""
    place = Path(__file__).resolve().parent / name
    return place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
