"""The verb `diagnose`: which line makes a gradient wrong, and what would mend it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradcheck.checks.verbs import check, check_file
from gradcheck.errors import UsageError
from gradcheck.results.diagnoses import Diagnosis
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Result
from gradcheck.subject.sources import source_of


def diagnose(
    loss: str | Path | Callable[..., Any],
    grad: str | Callable[..., Any] | None = None,
    at: Any = None,
    *,
    budget: float = 10.0,
    **options: Any,
) -> Diagnosis:
    """What makes a gradient wrong: suspects by rank, verified fixes, exact discrepancies; a note where nothing is.

    loss: a file, or anything else that check_file takes (options: those of check_file, `at` among them); or a function,
    with its gradient and a point as in `check` (options: those of check). budget: CPU seconds. Raises SubjectError for
    functions that are not defined at the top of one file, and what the checks raise.
    """
    if isinstance(loss, str | Path):
        if grad is not None and not isinstance(grad, str):
            raise UsageError(f"{loss} is a file: name its gradient, grad=NAME, or give two functions")
        return _told(check_file(loss, grad=grad, at=at, budget=budget, **options))
    if isinstance(grad, str):
        raise UsageError(f"grad={grad!r} is a name: give the gradient function, or the file of both")
    source_of([loss] if grad is None else [loss, grad])
    return _told(check(loss, grad, at, budget=budget, **options))


def _told(result: Result) -> Diagnosis:
    if result.outcome is Outcome.DISAGREE:
        return result.diagnosis or Diagnosis()
    return Diagnosis(notes=(f"nothing is to be mended: the check says {result.outcome.name}",))
