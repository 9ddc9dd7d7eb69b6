"""The verb on Hessians: differences of the user's own gradient, row by row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.audit.planted import audit_points
from gradcheck.checks.answers import answer, answer_all
from gradcheck.checks.looks import Demands
from gradcheck.checks.ranges import Limits, bounds_of
from gradcheck.checks.verbs import check
from gradcheck.errors import UsageError
from gradcheck.evidence.gathering import gather_evidence
from gradcheck.evidence.opinions import Opinions
from gradcheck.judgement.comparison import own_rounding
from gradcheck.judgement.patterns import find_pattern
from gradcheck.labels import label
from gradcheck.results.outcomes import SEVERITY, Outcome
from gradcheck.results.result import CheckedPoint, Evaluations, Result, Subject
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.cases import make_case
from gradcheck.subject.effects import kept_random_states
from gradcheck.subject.hessians import Curvature, Row, combined_functions, curvature_of, matrix_at, rows_in
from gradcheck.subject.products import name_of
from gradcheck.subject.structures import complex_names

# Up to so many rows each has a check of its own; of larger Hessians random sums of rows are checked.
ROWS = 32
SUMS = 2
NO_HESSIAN = "this is the verdict on the gradient: the Hessian was not looked at, mend the gradient first"


def check_hessian(
    f: Callable[..., Any],
    grad: Callable[..., Any],
    hess: Callable[..., Any],
    at: Any,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    bounds: Limits | None = None,
    resolution: float = 1e-3,
    seed: int = 0,
    stay: bool = False,
    level: str = "standard",
) -> Result:
    """Is `hess` the Hessian of f? Differences of `grad`, which is checked against f first; true only for AGREE.

    hess returns, for a point x of shape S, an array of shape S + S; for several parameters hess[a][b] of the shapes of
    a and b together; or one square matrix of all entries. The verdicts are named `hess` (`hess.a.b`) and have those
    shapes. Above 32 entries random sums of rows are checked, and the verdicts stand under the names of the point.
    """
    _refuse_complex(at)
    first = check(
        f, grad, at, args=args, kwargs=kwargs, bounds=bounds, resolution=resolution, seed=seed, stay=stay, level=level
    )
    if first.outcome is Outcome.DISAGREE:
        return first.with_notes(NO_HESSIAN)
    demands = Demands(resolution, seed, stay, bounds=bounds_of(bounds, list(first.point.values)), level=level)
    with kept_random_states():
        curvature = curvature_of(grad, hess, at, args, kwargs)
        notes = _asymmetry(curvature, name_of(hess))
    subject = Subject(None, name_of(grad), name_of(hess))
    if len(curvature.rows) > ROWS:
        sums = (combined_functions(curvature, SUMS * seed + draw) for draw in range(SUMS))
        told = f"{SUMS} random sums of the rows of {subject.grad} were checked: x[i] stands for row i times the weights"
        return _with_cost(answer_all((make_case(one, at, subject) for one in sums), demands, told), first, notes)
    results = {row: answer(make_case(functions, at, subject), demands) for row, functions in rows_in(curvature)}
    return _with_cost(_stacked(results), first, notes)


def _refuse_complex(at: Any) -> None:
    """Raises UsageError for complex parameters: mixed derivatives of their halves have no one convention."""
    for name in complex_names(at):
        mend = "pass its real and its imaginary part as two parameters"
        raise UsageError(f"parameter {name} is complex, and Hessians are checked for real numbers only: {mend}")


def _stacked(results: Mapping[Row, Result]) -> Result:
    """The answers on all rows as one: at every point that the gravest row was looked at, and the others were too."""
    gravest = max(results.values(), key=lambda result: (SEVERITY.index(result.outcome), result.resolution))
    by_kind = {row: {point.kind: point for point in result.points} for row, result in results.items()}
    kinds = [kind for kind in dict.fromkeys(p.kind for p in gravest.points) if all(kind in s for s in by_kind.values())]
    points = tuple(_stacked_points({row: seen[kind] for row, seen in by_kind.items()}) for kind in kinds)
    given, deciding = points[0], points[-1]
    wrong = [label(verdict.name, index) for verdict in deciding.verdicts for index in verdict.wrong_entries]
    opinions = Opinions(missing="Hessians are not traced: the differences of the gradient decide")
    return replace(
        gravest,
        points=points,
        audit=audit_points(given, deciding),
        evidence=gather_evidence(given, deciding, opinions, wrong, None, ()),
        evaluations=_sum(result.evaluations for result in results.values()),
        seconds=sum(result.seconds for result in results.values()),
        notes=tuple(dict.fromkeys(note for result in results.values() for note in result.notes)),
        diagnosis=None,
    )


def _stacked_points(points: Mapping[Row, CheckedPoint]) -> CheckedPoint:
    """One point with a verdict per block of the Hessian, in the shapes of its two parameters together."""
    some = next(iter(points.values()))
    names = list(dict.fromkeys(name for name, _ in points))
    verdicts = [
        _stacked_verdicts(_block(name, verdict.name, names), [p.verdicts[place] for p in rows], some.values[name].shape)
        for name in names
        for rows in [[point for (owner, _), point in points.items() if owner == name]]
        for place, verdict in enumerate(rows[0].verdicts)
    ]
    return replace(some, verdicts=tuple(verdicts))


def _block(row: str, column: str, names: Sequence[str]) -> str:
    return "hess" if len(names) == 1 else f"hess.{row}.{column}"


def _stacked_verdicts(name: str, rows: Sequence[Verdict], shape: tuple[int, ...]) -> Verdict:
    """The verdicts on the rows of one block as one, with what the gravest row says beside its numbers."""

    def stack(field: str) -> Any:
        parts = [getattr(verdict, field) for verdict in rows]
        return None if any(part is None for part in parts) else np.reshape(parts, shape + rows[0].shape)

    fields = ("yours", "numeric", "bar", "relative_error", "resolution", "grades", "exact", "backprop")
    whole = Verdict(name=name, **{field: stack(field) for field in fields})
    at = whole.worst_index
    worst = rows[int(np.ravel_multi_index(at[: len(shape)], shape))] if at is not None and shape else rows[0]
    return replace(whole, reason=worst.reason, remark=worst.remark, ladder=worst.ladder, pattern=find_pattern(whole))


def _asymmetry(curvature: Curvature, name: str) -> tuple[str, ...]:
    """A note where the Hessian at the given point is not symmetric."""
    matrix = matrix_at(curvature)
    if matrix is None or not np.isfinite(matrix).all():
        return ()
    away = np.abs(matrix - matrix.T)
    if (away <= 2 * own_rounding(matrix, np.float32)).all():
        return ()
    i, j = sorted(map(int, np.unravel_index(int(away.argmax()), away.shape)))
    first, second = (label(*curvature.rows[place]) for place in (i, j))
    told = f"by {first} and {second} it is {matrix[i, j]:.6g}, by {second} and {first} {matrix[j, i]:.6g}"
    return (f"{name} is not symmetric: {told}: derivatives of a smooth loss may be taken in either order",)


def _with_cost(result: Result, first: Result, notes: tuple[str, ...]) -> Result:
    """The result with what the check of the gradient cost, and further notes first."""
    return replace(
        result,
        notes=(*notes, *result.notes),
        evaluations=_sum((result.evaluations, first.evaluations)),
        seconds=result.seconds + first.seconds,
    )


def _sum(evaluations: Iterable[Evaluations]) -> Evaluations:
    every = list(evaluations)
    return Evaluations(sum(one.loss for one in every), sum(one.grad for one in every))
