"""Complex parameters: z stands as z.real and z.imag, its gradient as dL/d(real) + i dL/d(imag)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradcheck.judgement.comparison import own_rounding
from gradcheck.results.outcomes import Outcome
from gradcheck.results.verdicts import Verdict

CONVENTION = "the gradient of a complex parameter z = a + ib is read as dL/da + i dL/db (the convention of torch)"
PATTERN = "the conjugate of the true gradient"
CONJUGATE = (
    "conjugate convention: the gradient of {name} is dL/da - i dL/db (that of jax), expected is dL/da + i dL/db (that "
    "of torch): return its conjugate"
)


def conventions(names: Sequence[str]) -> tuple[str, ...]:
    """The note that states the convention, where there is a complex parameter among the names."""
    return (CONVENTION,) if any(f"{name}.imag" in names for name in _complex(names)) else ()


def name_conjugates(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The same verdicts; a remark stands where a complex gradient is wrong only by its conjugate."""
    by_name = {verdict.name: verdict for verdict in verdicts}
    told = {
        f"{name}.imag": CONJUGATE.format(name=name)
        for name in _complex(list(by_name))
        if by_name[f"{name}.real"].outcome is not Outcome.DISAGREE and _is_negated(by_name[f"{name}.imag"])
    }
    return tuple(
        replace(verdict, remark=told[verdict.name], pattern=PATTERN) if verdict.name in told else verdict
        for verdict in verdicts
    )


def _complex(names: Sequence[str]) -> list[str]:
    """The complex parameters among names of real ones."""
    return [
        name.removesuffix(".real")
        for name in names
        if name.endswith(".real") and f"{name.removesuffix('.real')}.imag" in names
    ]


def _is_negated(verdict: Verdict) -> bool:
    """Is it wrong, and the opposite right?"""
    if verdict.outcome is not Outcome.DISAGREE or verdict.reason is not None:
        return False
    tolerance = verdict.bar + own_rounding(verdict.yours, np.float32)
    return bool((np.abs(verdict.yours + verdict.numeric) <= tolerance).all())
