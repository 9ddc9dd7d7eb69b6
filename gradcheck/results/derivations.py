"""The chain rule written out: paths, factors, numbers."""

from dataclasses import dataclass

from gradcheck.results.formulas import Formula


@dataclass(frozen=True, slots=True)
class Factor:
    """One link of the chain: the partial of `of` by `by`, as a formula over named values, and its number."""

    of: str
    by: str
    formula: Formula
    value: float


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the loss back to the parameter: its names from the loss down, the links, their product."""

    names: tuple[str, ...]
    factors: tuple[Factor, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Definition:
    """One named value of the forward pass: name = formula, and its number."""

    name: str
    formula: Formula
    value: float


@dataclass(frozen=True, slots=True)
class Derivation:
    """The partial of `loss` by `parameter`: what is computed on the way, then path by path, and the total.

    path_count is exact also where too many paths exist to be listed; then `paths` is empty and `deltas` alone leads to
    the total: the adjoint of every named value, each from the adjoints of its consumers.
    """

    subject: str
    loss: str
    parameter: str
    definitions: tuple[Definition, ...]
    paths: tuple[Path, ...]
    path_count: int
    deltas: tuple[Definition, ...]
    total: float
