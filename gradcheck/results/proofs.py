"""The answer of a proof."""

import importlib
from dataclasses import dataclass
from typing import Literal

from gradcheck.results.diagnoses import Discrepancy

Standing = Literal["proved", "refuted", "open"]


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a hand-written gradient is right for every input; true only where that is proved.

    "proved": both formulas agree to 40 digits at `points` random points, and no branch lies between these and any other
    input. "refuted": they differ, in these `labels`; `discrepancies` say by what. "open": neither; `why` says why.
    """

    standing: Standing
    labels: tuple[str, ...]
    points: int = 0
    why: str | None = None
    discrepancies: tuple[Discrepancy, ...] = ()

    def __bool__(self) -> bool:
        return self.standing == "proved"

    def __str__(self) -> str:
        return str(importlib.import_module("gradcheck.report.proofs").proof_to_text(self))
