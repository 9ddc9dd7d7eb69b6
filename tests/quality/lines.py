"""How often the wrong line is named, and how often a fix is offered, on a folder of labelled files.

    python tests/quality/lines.py tests/corpus [--only NAME ...] [--budget 10] [--out answers.json]

One line for every file that is not answered in full; the last one sums up. In this process, one file after another.
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck.checks.answers import answer
from gradcheck.checks.looks import Demands
from gradcheck.report.as_json import to_plain
from gradcheck.subject.targets import case_of_file


def lines_of(label: dict[str, Any]) -> set[int]:
    """Every line of the wrong statement."""
    lines = [label["line"], *(label.get("statement_lines") or [])]
    return set(range(min(lines), max(lines) + 1))


def measured(path: Path, label: dict[str, Any], budget: float) -> dict[str, Any]:
    """Rank of the wrong statement, of the first fix at it, seconds, and whether the wrong parameters are exact."""
    start = time.process_time()
    result = answer(case_of_file(path), Demands(budget=budget))
    seconds = time.process_time() - start
    found, lines = result.diagnosis, lines_of(label)
    suspects = found.suspects if found else ()
    ranks = [one.rank for one in suspects if lines & set(range(one.span.line, one.span.end_line + 1))]
    wrong = sorted(verdict.name for verdict in result.parameters if verdict.outcome.value == "disagree")
    return {
        "rank": min(ranks, default=None),
        "suspects": len(suspects),
        "fixes": [(fix.edits[0].span.line, fix.why) for fix in found.fixes] if found else [],
        "exact": wrong == sorted(label.get("wrong_params") or []),
        "seconds": seconds,
        "answer": to_plain(result),
    }


def main() -> None:
    """Measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--budget", type=float, default=10.0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    labels = json.loads((asked.folder / "labels.json").read_text(encoding="utf-8"))
    names = [name for name, one in labels.items() if one["label"] == "buggy" and (not asked.only or name in asked.only)]
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(names):
        with np.errstate(all="ignore"):
            one = found[name] = measured(asked.folder / f"{name}.py", labels[name], asked.budget)
        if one["rank"] != 1 or not one["fixes"] or not one["exact"] or asked.only:
            rank, fixes = one["rank"], one["fixes"][:2]
            told = f"{one['seconds']:.1f} s" + ("" if one["exact"] else ", wrong parameters differ")
            print(f"{name}: line {labels[name]['line']} is {rank} of {one['suspects']}; {told} {fixes}")
    ranks, seconds = [one["rank"] or 99 for one in found.values()], [one["seconds"] for one in found.values()]
    print(
        f"{len(found)} files: first {sum(r == 1 for r in ranks)}, three {sum(r <= 3 for r in ranks)}, "
        f"fixes {sum(bool(one['fixes']) for one in found.values())}, "
        f"exact {sum(one['exact'] for one in found.values())}; "
        f"CPU s median {statistics.median(seconds):.2f}, largest {max(seconds):.1f}"
    )
    if asked.out:
        asked.out.write_text(json.dumps({name: one["answer"] for name, one in found.items()}), encoding="utf-8")


if __name__ == "__main__":
    main()
