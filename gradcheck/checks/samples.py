"""The sample pages: the shipped examples, checked, and a derivation."""

from dataclasses import replace
from pathlib import Path

from gradcheck.checks.verbs import check_file
from gradcheck.derivation.chain_rule import derive
from gradcheck.examples import path_of
from gradcheck.results.derivations import Derivation
from gradcheck.results.result import Result

CHECKED = ("two_two_one.py", "two_two_one_mended.py", "sigmoid_circuit.py")
DERIVED = ("source-2-2-1", "b1")


def sample_results() -> list[Result]:
    """The results of the shipped examples, under their paths in the repository: no machine shows in the pages."""
    return [_under(check_file(path_of(name)), f"gradcheck/examples/{name}") for name in CHECKED]


def sample_derivation() -> Derivation:
    """The source example's b1, path by path."""
    return derive(*DERIVED)


def _under(result: Result, path: str | Path) -> Result:
    return replace(result, subject=replace(result.subject, path=str(path)))
