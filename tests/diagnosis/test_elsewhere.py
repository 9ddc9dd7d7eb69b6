"""A wrong line in another file of the user's: nothing is tried there, and that is said."""

import sys
from pathlib import Path

import pytest

from gradcheck.checks.verbs import check_file

HELPER = """import numpy as np

def act(z):
    return np.tanh(z)

def slope(z):
    return 1 - np.tanh(z)
"""
NET = """import numpy as np
{imported}
from {helper} import act
point = {{"w": np.array([0.3, -0.5, 0.8])}}

def loss(w):
    return float(np.sum(act(w)))

def grads(w):
    return {{"w": {called}(w)}}
"""


@pytest.mark.parametrize(
    ("imported", "called"),
    [("from {} import slope", "slope"), ("import {}", "{}.slope"), ("from {} import slope as dact", "dact")],
)
def test_functions_of_other_files_are_named(
    imported: str, called: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = f"helper_of_{tmp_path.name}"
    (tmp_path / f"{helper}.py").write_text(HELPER)
    path = tmp_path / "net.py"
    path.write_text(NET.format(helper=helper, imported=imported.format(helper), called=called.format(helper)))
    diagnosis = check_file(path, budget=3.0).diagnosis
    monkeypatch.delitem(sys.modules, helper)
    assert diagnosis is not None
    assert not diagnosis.fixes
    name = called.rpartition(".")[2]
    told = f"the gradient calls {name} of {helper}.py, where no change was tried: look there as well"
    assert told in diagnosis.notes
    assert sum("look there as well" in note for note in diagnosis.notes) == 1, "not NumPy's, not the file's own"
