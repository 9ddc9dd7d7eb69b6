"""The corpus: gradients as ordinary users write them, each with a label that an independent truth confirmed.

A third of the files in every run, but none of the slow ones; all of them, and all blind points, with
GRADCHECK_CORPUS=all in the environment.
"""

import json
import os
from pathlib import Path

import pytest

from gradcheck.checks import check_file
from gradcheck.results.outcomes import Outcome

HERE = Path(__file__).parent / "corpus"
LABELS = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
POINTS = sorted((HERE / "blind").glob("*.json"))
# Where nobody can know: the same list as in corpus/score.py.
MAY_ABSTAIN = {"ties-in-max", "abs-at-zero", "mutates-input-not-restored", "deterministic-noise-1e-10", "domain-edge"}
EVERY = 1 if os.environ.get("GRADCHECK_CORPUS") == "all" else 3
# 10 s each, half of the CPU time of the third: run on demand.
SLOW = {"conv2d_a", "conv2d_b", "conv2d_c"}
NAMES = sorted(set(LABELS) - (SLOW if EVERY > 1 else set()))


@pytest.mark.parametrize("name", NAMES[::EVERY])
def test_every_file_of_the_corpus_gets_its_label(name):
    label = LABELS[name]
    result = check_file(HERE / f"{name}.py")
    wrong = sorted(verdict.name for verdict in result.parameters if verdict.outcome is Outcome.DISAGREE)
    assert wrong == sorted(label.get("wrong_params") or [])
    if label["label"] == "buggy":
        assert result.outcome is Outcome.DISAGREE
    elif label.get("trap") not in MAY_ABSTAIN and not label.get("kink_coords_at_point0"):
        assert result.outcome is Outcome.AGREE


@pytest.mark.parametrize("point", POINTS[::EVERY], ids=lambda point: point.stem)
def test_every_blind_point_is_left_and_its_coincidence_named(point):
    result = check_file(HERE / f"{point.stem.rsplit('-', 1)[0]}.py", at=str(point))
    assert result.outcome is Outcome.DISAGREE
    assert result.blind
    assert result.why
