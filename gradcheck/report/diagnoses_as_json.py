"""A diagnosis as plain data in the schema gradcheck/1."""

from typing import Any

from gradcheck.report.formulas.text import to_ascii
from gradcheck.results.diagnoses import Diagnosis, Edit, Fix, Suspect


def diagnosis_to_plain(diagnosis: Diagnosis | None) -> dict[str, Any] | None:
    """Suspects, fixes, discrepancies and notes; None where nothing was looked for."""
    if diagnosis is None:
        return None
    return {
        "suspects": [_suspect(suspect) for suspect in diagnosis.suspects],
        "fixes": [_fix(fix) for fix in diagnosis.fixes],
        "exonerated": diagnosis.exonerated,
        "considered": diagnosis.considered,
        "discrepancy": {one.label: to_ascii(one.formula) for one in diagnosis.discrepancies},
        "notes": list(diagnosis.notes),
    }


def _suspect(suspect: Suspect) -> dict[str, Any]:
    return {
        "rank": suspect.rank,
        "line": suspect.span.line,
        "end_line": suspect.span.end_line,
        "column": suspect.span.column,
        "status": suspect.status,
        "statement": suspect.statement,
        "function": suspect.function,
        "why": suspect.why,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    first = fix.edits[0]
    return {
        "rank": fix.rank,
        "line": first.span.line,
        "end_line": first.span.end_line,
        "column": first.span.column,
        "old": first.old,
        "new": first.new,
        "diff": fix.diff,
        "why": fix.why,
        "verified_points": fix.verified_points,
        "other_shapes": fix.other_shapes,
        "proof": fix.proof,
        "edits": [_edit(edit) for edit in fix.edits],
        "equivalent": fix.equivalent,
        "fails_with": list(fix.fails_with),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    span = edit.span
    place = {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}
    return {**place, "old": edit.old, "new": edit.new}
