"""What is known about a fault beyond its numbers: where it stands, what would mend it, what it amounts to."""

import importlib
from dataclasses import dataclass
from typing import Literal

from gradcheck.results.formulas import Formula

Status = Literal["possible", "unknown", "exonerated"]
Proof = Literal["symbolic", "numeric"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of source text; lines and columns count from 1, columns in characters, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A statement that may carry the fault.

    rank: 1 for the likeliest. statement: its text. function: the one it stands in. status: "possible" where some value
    of its right-hand side mends every gradient, "exonerated" where none does, else "unknown". why: in words.
    """

    rank: int
    span: Span
    statement: str
    function: str
    status: Status
    why: str


@dataclass(frozen=True, slots=True)
class Edit:
    """The smallest piece of text to change, and what to write there."""

    span: Span
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A verified change: with it every gradient agrees at `verified_points` fresh points, and the loss is the same.

    other_shapes: so many of these points have other shapes, constants or data than the file's own.
    diff: unified, as `patch FILE` applies it. why: in words. proof: "symbolic" where the mended gradient is right for
    every input. equivalent: another way to write the same gradient as the fix of rank 1. fails_with: what is other, in
    words, where it was tried as well and is not enough; then it is no more than a hint.
    """

    rank: int
    edits: tuple[Edit, ...]
    diff: str
    why: str
    verified_points: int
    proof: Proof = "numeric"
    equivalent: bool = False
    other_shapes: int = 0
    fails_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """What a hand-written partial differs by, exactly: yours - true over named values, factored.

    yours, true: the two gradients as sums over paths, the differing factors Marked. vanishes: where the difference is
    zero, in words ("w5 = w6"). words: which link is used wrongly, or None where the terms do not match paths.
    used_twice, never_used: those links as (source, target). is_local: it holds where no comparison comes out otherwise.
    """

    label: str
    formula: Formula
    yours: Formula | None
    true: Formula | None
    vanishes: tuple[str, ...]
    words: str | None
    used_twice: tuple[tuple[str, str], ...] = ()
    never_used: tuple[tuple[str, str], ...] = ()
    is_local: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """What is known about the fault beyond its numbers; suspects and fixes by rank.

    exonerated, considered: of so many statements of the backward pass so many cannot be the only fault.
    """

    discrepancies: tuple[Discrepancy, ...] = ()
    notes: tuple[str, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    fixes: tuple[Fix, ...] = ()
    exonerated: int = 0
    considered: int = 0

    def __repr__(self) -> str:
        edits = self.fixes[0].edits if self.fixes else ()
        first = ", ".join(f"line {edit.span.line}: {edit.old!r} -> {edit.new!r}" for edit in edits) or "no fix"
        fixes = f"{len(self.fixes)} fix{'' if len(self.fixes) == 1 else 'es'}"
        return f"<Diagnosis {first}; {fixes}, {len(self.suspects)} suspect{'' if len(self.suspects) == 1 else 's'}>"

    def __str__(self) -> str:
        return str(importlib.import_module("gradcheck.report.diagnoses_as_text").diagnosis_to_text(self))
