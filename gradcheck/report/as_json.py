"""A result as plain data in the schema gradcheck/1: strict JSON, where NaN and infinities are strings."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradcheck import __version__
from gradcheck.report.diagnoses_as_json import diagnosis_to_plain
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Ladder
from gradcheck.results.result import Audit, CheckedPoint, Result
from gradcheck.results.verdicts import Verdict

SCHEMA = "gradcheck/1"
# Values of a point are written out up to this many numbers (about 20 kB).
SMALL = 1000


def to_plain(result: Result) -> dict[str, Any]:
    """One result, as DESIGN.md section 3 describes it."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "subject": {"path": result.subject.path, "loss": result.subject.loss, "grad": result.subject.grad},
        "verdict": result.outcome.value,
        "reason": result.reason.code if result.reason else None,
        "resolution": number(result.resolution),
        "seconds": number(result.seconds),
        "evaluations": {"loss": result.evaluations.loss, "grad": result.evaluations.grad},
        "notes": list(result.notes),
        "point": {
            "kind": result.point.kind,
            "seed": result.point.seed,
            "blind": result.blind,
            "why": result.why,
        },
        "points": [_point(point) for point in result.points],
        "parameters": [_parameter(verdict) for verdict in result.parameters],
        "audit": _audit(result.audit),
        "diagnosis": diagnosis_to_plain(result.diagnosis),
    }


def to_many(results: Sequence[Result], errors: Sequence[str] = ()) -> dict[str, Any]:
    """Several results, and what could not be checked, as one document."""
    return {"schema": SCHEMA, "results": [*map(to_plain, results), *map(to_error, errors)]}


def to_error(sentence: str) -> dict[str, Any]:
    """What is written where nothing could be checked."""
    return {"schema": SCHEMA, "verdict": "error", "error": sentence}


def number(x: float | None) -> float | str | None:
    """A number that strict JSON can hold: "nan", "inf" and "-inf" are strings."""
    return None if x is None else float(x) if math.isfinite(x) else str(float(x))


def _point(point: CheckedPoint) -> dict[str, Any]:
    small = sum(array.size for array in point.values.values()) <= SMALL
    return {
        "kind": point.kind,
        "seed": point.seed,
        "verdict": point.outcome.value,
        "loss": number(point.loss),
        "coincidences": list(point.coincidences),
        "values": _values(point.values) if small else None,
    }


def _values(arrays: Mapping[str, Floats]) -> dict[str, Any]:
    return {name: _nested(array.tolist()) for name, array in arrays.items()}


def _nested(values: Any) -> Any:
    return [_nested(one) for one in values] if isinstance(values, list) else number(values)


def _parameter(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "shape": list(verdict.shape),
        "verdict": verdict.outcome.value,
        "reason": verdict.reason.code if verdict.reason else None,
        "remark": verdict.remark,
        "resolution": number(verdict.could_see),
        "wrong_entries": [list(index) for index in verdict.wrong_entries[:SMALL]],
        "wrong_count": len(verdict.wrong_entries),
        "pattern": verdict.pattern,
        "worst": _worst(verdict),
    }


def _worst(verdict: Verdict) -> dict[str, Any] | None:
    if verdict.worst_index is None:
        return None
    entry = verdict.entry(verdict.worst_index)
    return {
        "index": list(entry.index),
        "yours": number(entry.yours),
        "numeric": number(entry.numeric),
        "error_bar": number(entry.error_bar),
        "exact": number(entry.exact),
        "backprop": number(entry.backprop),
        "relative_error": number(entry.relative_error),
        "ladder": _ladder(verdict.ladder),
    }


def _ladder(ladder: Ladder | None) -> dict[str, Any] | None:
    if ladder is None:
        return None
    return {"steps": _nested(ladder.steps.tolist()), "estimates": _nested(ladder.differences.tolist())}


def _audit(audit: Audit | None) -> dict[str, Any] | None:
    if audit is None:
        return None
    return {"planted": audit.planted, "caught": audit.caught, "missed": list(audit.missed)}
