import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def made():
    """The module of hand-made results (a plain module beside this file: tests are no package)."""
    spec = importlib.util.spec_from_file_location("made_results", Path(__file__).with_name("made_results.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def results(made):
    """Every kind of result by a short name."""
    return {
        "wrong": made.wrong_result(),
        "right": made.right_result(),
        "undecided": made.undecided_result(),
        "arrays": made.array_result(),
    }
