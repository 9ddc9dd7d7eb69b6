"""Are the offered fixes right? Each is put into its file with `patch`, and compared with the right text.

    python tests/corpus/score.py --out answers.json
    python tests/quality/fixes.py answers.json [--dir tests/corpus] [--seeds 20]

answers.json: what the tool answered, by case. DIR holds NAME.py and labels.json with the right words, or
right/NAME.py. Exit status 0 if no fix is wrong, neither the first of a case nor any other.
"""

import argparse
import contextlib
import copy
import json
import subprocess
import sys
import tempfile
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

FRESH = 1000  # the first of the seeds: no tool looks so far
# Another way to write the same gradient rounds differently: by less than this of the largest entry. Where all of a
# parameter's cancels (a bias before a batch norm) only roundings are left, by less than this of the largest of all.
SAME, ROUNDINGS = 1e-8, 1e-14


def module_of(text: str) -> types.ModuleType:
    """The file's text, run as a module of its own."""
    module = types.ModuleType("case")
    with np.errstate(all="ignore"):
        exec(compile(text, "case.py", "exec"), module.__dict__)
    return module


def _arrays(gradient: dict[str, Any]) -> dict[str, Any]:
    """A gradient with each array of a list under a name of its own."""
    lists = {name: value for name, value in gradient.items() if isinstance(value, list | tuple)}
    parts = {f"{name}.{place}": part for name, value in lists.items() for place, part in enumerate(value)}
    return {name: value for name, value in gradient.items() if name not in lists} | parts


def gradients_differ(text: str, right: str, seeds: Iterable[int]) -> list[str]:
    """Parameters whose gradient differs in an entry at some of the seeds; "loss" if that does; a crash as its words."""
    differing: set[str] = set()
    for seed in seeds:
        # A file may keep state from call to call: each seed meets a new module.
        mine, theirs = module_of(text), module_of(right)
        point = theirs.point(seed)
        with np.errstate(all="ignore"):
            wanted = _arrays(theirs.grads(**copy.deepcopy(point)))
            try:
                have, loss = _arrays(mine.grads(**copy.deepcopy(point))), mine.loss(**copy.deepcopy(point))
            except Exception as problem:
                return [f"{type(problem).__name__}: {problem}"]
            if not np.array_equal(loss, theirs.loss(**copy.deepcopy(point)), equal_nan=True):
                differing.add("loss")
        floor = ROUNDINGS * max(map(largest_of, wanted.values()), default=0.0)
        differing |= {name for name in wanted if name not in have or not same(have[name], wanted[name], floor)}
    return sorted(differing)


def largest_of(wanted: Any) -> float:
    """The largest magnitude of an array."""
    return float(np.nanmax(np.abs(np.asarray(wanted, dtype=float)), initial=0.0))


def same(have: Any, wanted: Any, floor: float = 0.0) -> bool:
    """Every entry equal up to rounding, measured by the array's largest; floor: the roundings of what cancels."""
    mine, theirs = np.asarray(have, dtype=float), np.asarray(wanted, dtype=float)
    if mine.shape != theirs.shape:
        return False
    allowed = max(SAME * np.max(np.abs(theirs), initial=0.0), floor)
    return bool(np.allclose(mine, theirs, rtol=0, atol=allowed, equal_nan=True))


def patched(text: str, diff: str) -> str | None:
    """The text after `patch FILE` with that diff; None where it does not apply."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.py"
        file.write_text(text, encoding="utf-8")
        command = ["patch", "--silent", "--force", str(file)]
        done = subprocess.run(command, input=diff, text=True, capture_output=True, check=False)
        return file.read_text(encoding="utf-8") if done.returncode == 0 else None


def right_text(folder: Path, name: str, label: dict[str, Any]) -> str:
    """The whole corrected file: its own, or the label's words in place of the wrong ones."""
    if (folder / "right" / f"{name}.py").exists():
        return (folder / "right" / f"{name}.py").read_text(encoding="utf-8")
    lines = (folder / f"{name}.py").read_text(encoding="utf-8").split("\n")
    at = label["line"] - 1
    assert lines[at].count(label["wrong"]) == 1, name
    lines[at] = lines[at].replace(label["wrong"], label["right"])
    return "\n".join(lines)


def faults_of(text: str, right: str, fixes: list[dict[str, Any]], seeds: Iterable[int]) -> list[list[str]]:
    """For each fix what is wrong with it; nothing where its gradients are right."""
    found = []
    for fix in fixes:
        mended = patched(text, fix["diff"])
        found.append(["does not apply"] if mended is None else gradients_differ(mended, right, seeds))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--dir", type=Path, default=Path(__file__).parents[1] / "corpus")
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    labels = json.loads((options.dir / "labels.json").read_text(encoding="utf-8"))
    answers = json.loads(options.answers.read_text(encoding="utf-8"))
    seeds = range(FRESH, FRESH + options.seeds)
    faults: dict[str, list[list[str]]] = {}
    for name in (name for name in sorted(answers) if labels[name]["label"] == "buggy"):
        fixes = (answers[name].get("diagnosis") or {}).get("fixes", [])
        text = (options.dir / f"{name}.py").read_text(encoding="utf-8")
        with contextlib.redirect_stdout(sys.stderr):  # what the file prints
            faults[name] = faults_of(text, right_text(options.dir, name, labels[name]), fixes, seeds)
    return told(faults)


def told(faults: dict[str, list[list[str]]]) -> int:
    """Prints the counts; 1 where a fix is wrong."""
    first = {name: found[0] for name, found in faults.items() if found}
    every = [(name, rank, what) for name, found in faults.items() for rank, what in enumerate(found, 1)]
    wrong = [f"{name} {rank}: {', '.join(what)}" for name, rank, what in every if what]
    none = sorted(set(faults) - set(first))
    print(f"{len(faults)} buggy cases, a fix for {len(first)}; none for {none}")
    print(f"first fix right  {sum(not what for what in first.values()):4d} of {len(faults)}")
    print(f"first fix wrong  {sum(bool(what) for what in first.values()):4d}")
    print(f"all fixes right  {len(every) - len(wrong):4d} of {len(every)}")
    print(f"all fixes wrong  {len(wrong):4d}  {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
