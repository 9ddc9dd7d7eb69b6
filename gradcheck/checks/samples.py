"""The sample pages: the shipped examples, checked, two networks under three opinions, and a derivation."""

from dataclasses import replace
from pathlib import Path

from gradcheck.checks.networks import cross_check
from gradcheck.checks.verbs import check_file
from gradcheck.derivation.chain_rule import derive
from gradcheck.examples import path_of
from gradcheck.results.derivations import Derivation
from gradcheck.results.result import Result

CHECKED = ("two_two_one.py", "two_two_one_mended.py", "sigmoid_circuit.py")
CROSSED = ("vanishing", "lstm-peepholes")
DERIVED = ("source-2-2-1", "b1")


def sample_results() -> list[Result]:
    """The results of the shipped examples, under their paths in the repository: no machine shows in the pages.

    Then those of CROSSED: their last digits are those of the machine's own matrix products.
    """
    files = [_under(check_file(path_of(name)), f"gradcheck/examples/{name}") for name in CHECKED]
    return [*files, *map(cross_check, CROSSED)]


def sample_derivation() -> Derivation:
    """The source example's b1, path by path."""
    return derive(*DERIVED)


def _under(result: Result, path: str | Path) -> Result:
    return replace(result, subject=replace(result.subject, path=str(path)))
