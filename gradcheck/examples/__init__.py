"""Runnable files, one idea each; `gradcheck demo` and the tests run them."""

from pathlib import Path


def path_of(name: str) -> Path:
    """Where a shipped example lies."""
    return Path(__file__).parent / name
