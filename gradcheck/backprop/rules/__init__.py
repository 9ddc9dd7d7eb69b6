"""The primitives' rules, by kind; importing the room fills the table."""

from gradcheck.backprop.rules import (
    comparisons,
    complexes,
    decompositions,
    elementwise,
    indexing,
    kinks,
    linear,
    reductions,
    shapes,
    sigmoids,
    windows,
)

__all__ = [
    "comparisons",
    "complexes",
    "decompositions",
    "elementwise",
    "indexing",
    "kinks",
    "linear",
    "reductions",
    "shapes",
    "sigmoids",
    "windows",
]
