"""The commands that show a result again, as a shell takes them."""

import shlex
from itertools import pairwise

from gradcheck.results.result import Subject

# What `gradcheck check FILE` finds by itself, or makes of a script; every other name stands behind a colon.
FOUND = (("loss", "grads"), ("loss_of_script", "grads_of_script"))


def target_of(subject: Subject) -> str:
    """FILE, FILE:LOSS,GRAD, or FILE:NAME for a function that returns both."""
    if (subject.loss, subject.grad) in FOUND or not subject.path or "--vjp" in subject.options:
        return subject.path or ""
    return f"{subject.path}:{subject.loss}{'' if subject.loss == subject.grad else f',{subject.grad}'}"


def check_again(subject: Subject, *options: str) -> str:
    """`gradcheck check TARGET ...`."""
    return shlex.join(["gradcheck", "check", target_of(subject), *subject.options, *options])


def cross_check_again(subject: Subject) -> str:
    """`gradcheck cross-check NETWORK --seed S ...`; of a network at a point from Python the call."""
    if subject.options:
        return shlex.join(["gradcheck", "cross-check", subject.loss, *subject.options])
    return f"gradcheck.cross_check({subject.loss!r})"


def derive_again(subject: Subject, parameter: str) -> str:
    """`gradcheck derive FILE PARAM`."""
    target = (subject.path or "") if subject.loss in (names[0] for names in FOUND) else f"{subject.path}:{subject.loss}"
    at = next((pair for pair in pairwise(subject.options) if pair[0] == "--at"), ())
    return shlex.join(["gradcheck", "derive", target, parameter, *at])
