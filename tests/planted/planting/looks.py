"""What a check says of a wrong text: found, which line is named, and whether what it offers mends it."""

import runpy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradcheck.checks import check_file
from gradcheck.results.diagnoses import Suspect
from gradcheck.results.outcomes import Outcome

from .mutants import Mutant, correct, together

FIXES = runpy.run_path(str(Path(__file__).parents[2] / "quality" / "fixes.py"))


@dataclass(frozen=True)
class Look:
    """One case. first, third: a wrong line is named first, or among the first three. wrong: what is, of all fixes."""

    name: str
    kind: str
    detected: bool
    first: bool
    third: bool
    offered: bool
    repaired: bool
    wrong: tuple[str, ...]


def look_at(mutants: Sequence[Mutant], folder: Path, seeds: range) -> Look:
    """Checks the file with all these mistakes of one base; fixes are verified at the seeds against the correct text."""
    base, text = mutants[0].base, together(mutants)
    path = folder / f"{base}.py"
    path.write_text(text, encoding="utf-8")
    result = check_file(path)
    diagnosis = result.diagnosis
    suspects = [s for s in (diagnosis.suspects if diagnosis else ()) if s.status != "exonerated"]
    fixes = [{"diff": fix.diff} for fix in (diagnosis.fixes if diagnosis else ())]
    faults = FIXES["faults_of"](text, correct(base), fixes, seeds)
    return Look(
        name=" + ".join(map(str, mutants)),
        kind=" + ".join(mutant.kind for mutant in mutants),
        detected=result.outcome is Outcome.DISAGREE,
        first=any(_names(s, mutants) for s in suspects[:1]),
        third=any(_names(s, mutants) for s in suspects[:3]),
        offered=bool(fixes),
        repaired=bool(faults) and not faults[0],
        wrong=tuple(", ".join(fault) for fault in faults if fault),
    )


def _names(suspect: Suspect, mutants: Sequence[Mutant]) -> bool:
    span = suspect.span
    return any(span.line <= mutant.lines[1] and span.end_line >= mutant.lines[0] for mutant in mutants)


def table(looks: Sequence[Look]) -> str:
    """Counts by kind and of all, and every case that is not named first and repaired."""
    head = f"{'':36}{'n':>5}{'found':>7}{'first':>7}{'top 3':>7}{'fix':>6}{'right':>7}{'wrong':>7}"
    kinds = sorted({look.kind for look in looks})
    rows = (
        [_row(kind, [look for look in looks if look.kind == kind]) for kind in kinds] if len(kinds) < len(looks) else []
    )
    missed = [f"  {look.name}: {_short(look)}" for look in looks if not (look.first and look.repaired) or look.wrong]
    return "\n".join([head, *rows, _row("all", looks), *missed])


def _row(title: str, looks: Sequence[Look]) -> str:
    counts = [
        sum(getattr(look, name) for look in looks) for name in ("detected", "first", "third", "offered", "repaired")
    ]
    wrong = sum(len(look.wrong) for look in looks)
    return f"{title:36}{len(looks):5}{counts[0]:7}{counts[1]:7}{counts[2]:7}{counts[3]:6}{counts[4]:7}{wrong:7}"


def _short(look: Look) -> str:
    line = "first" if look.first else "top 3" if look.third else "line not named"
    fix = "repaired" if look.repaired else "no right fix" if look.offered else "no fix"
    return ", ".join([*(["MISSED"] if not look.detected else []), line, fix, *(f"WRONG {w}" for w in look.wrong)])
