"""A formula as an ordered tree: it keeps the order of the chain, and prints to text, MathML and LaTeX in `report`."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Num:
    """A number as it should be read: `2`, `1/2`, `0.02`."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable: `w5`, `outh1`, `W1[0,1]`."""

    text: str


@dataclass(frozen=True, slots=True)
class Product:
    """Factors in the order of the chain."""

    factors: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms in the order of the paths; a negative term is a Negative."""

    terms: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus something."""

    inner: "Formula"


@dataclass(frozen=True, slots=True)
class Quotient:
    """above / below."""

    above: "Formula"
    below: "Formula"


@dataclass(frozen=True, slots=True)
class Power:
    """base to an exponent."""

    base: "Formula"
    exponent: "Formula"


@dataclass(frozen=True, slots=True)
class Call:
    """A named function of arguments: exp(z), tanh(z), max(a, b)."""

    function: str
    arguments: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """The partial derivative of one name by another: ∂out/∂outh1."""

    of: str
    by: str


@dataclass(frozen=True, slots=True)
class Cases:
    """A piecewise value: (value, condition) pairs; the last condition may be None (otherwise)."""

    branches: tuple[tuple["Formula", str | None], ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """A part that the reader should look at: kind is "wrong" or "right"."""

    inner: "Formula"
    kind: str


Formula: TypeAlias = Num | Name | Product | Sum | Negative | Quotient | Power | Call | Partial | Cases | Marked
