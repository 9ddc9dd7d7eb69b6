"""The corpus under every gradient checker at its own defaults, side by side, as a Markdown table.

usage: python tests/benchmarks/scoreboard.py [--only NAME ...] [--leave-out NAME ...] [--rules RULE ...] [--details]

Every checker gets the same NumPy functions, wrapped the way its library asks for it, one array per parameter, fresh
copies at every call, at the file's own point(seed). False alarm: a right gradient is refused; miss: a wrong one passes.
Evaluations are calls of the loss and of the gradient together; seconds are CPU time of the whole run.
Needs torch, jax, autograd and scipy.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gradcheck.checks import check_file
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.targets import case_of_file

CORPUS = Path(__file__).parents[1] / "corpus"


@dataclass(frozen=True)
class Answer:
    """passes: True, False, or None where the checker does not decide; evaluations of loss and gradient."""

    passes: bool | None
    evaluations: int
    seconds: float


def loss_of(case: Case) -> Callable[..., float]:
    """The loss as a function of one array per parameter, in the order of the point."""
    return lambda *arrays: loss_at(case, named(case, arrays))


def gradient_of(case: Case) -> Callable[..., list[np.ndarray]]:
    """The gradient as a list of float64 arrays in the shapes of the parameters."""

    def gradient(*arrays):
        found = gradient_at(case, named(case, arrays))
        return [np.asarray(found[n], dtype=float).reshape(a.shape) for n, a in case.at.arrays.items()]

    return gradient


def named(case: Case, arrays) -> dict[str, np.ndarray]:
    return {name: np.array(array, dtype=float) for name, array in zip(case.at.arrays, arrays, strict=True)}


def point_of(case: Case) -> list[np.ndarray]:
    return [np.array(array) for array in case.at.arrays.values()]


# -- rows of arrays for the rules that know vectors only --


def flat(case: Case):
    """(f, g, x): loss and gradient of one vector, and the point as a vector."""
    shapes = [array.shape for array in case.at.arrays.values()]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def apart(x):
        return [part.reshape(shape) for part, shape in zip(np.split(np.asarray(x), cuts), shapes, strict=True)]

    f, g = loss_of(case), gradient_of(case)
    return (
        lambda x: f(*apart(x)),
        lambda x: np.concatenate([part.ravel() for part in g(*apart(x))]),
        np.concatenate([array.ravel() for array in point_of(case)]),
    )


def central(f, x, step: float) -> np.ndarray:
    """(f(x + h e) - f(x - h e)) / 2h for every entry."""
    result = np.empty_like(x)
    for i in range(x.size):
        moved = x.copy()
        moved[i] = x[i] + step
        above = f(moved)
        moved[i] = x[i] - step
        result[i] = (above - f(moved)) / (2 * step)
    return result


# -- the checkers --


def torch_gradcheck(case: Case, fast: bool = False) -> bool:
    """torch.autograd.gradcheck with its defaults: eps 1e-6, atol 1e-5, rtol 1e-3."""
    import torch

    f, g = loss_of(case), gradient_of(case)

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            ctx.save_for_backward(*tensors)
            return torch.tensor(f(*(t.detach().numpy() for t in tensors)), dtype=torch.float64)

        @staticmethod
        def backward(ctx, dout):
            parts = g(*(t.detach().numpy() for t in ctx.saved_tensors))
            return tuple(dout * torch.from_numpy(np.array(part)) for part in parts)

    tensors = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in point_of(case)]
    torch.manual_seed(0)
    return bool(torch.autograd.gradcheck(Loss.apply, tensors, fast_mode=fast, raise_exception=False))


def jax_check_grads(case: Case) -> bool:
    """jax.test_util.check_grads(order=1, modes="rev") in float64 with its defaults."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    f, g = loss_of(case), gradient_of(case)
    shapes = [jax.ShapeDtypeStruct(array.shape, np.float64) for array in point_of(case)]

    def value(*arrays):
        return jax.pure_callback(lambda *a: np.float64(f(*a)), jax.ShapeDtypeStruct((), np.float64), *arrays)

    def back(arrays, dout):
        return tuple(dout * part for part in jax.pure_callback(lambda *a: g(*a), shapes, *arrays))

    loss = jax.custom_vjp(value)
    loss.defvjp(lambda *arrays: (value(*arrays), arrays), back)
    return passes(lambda: check_grads(loss, tuple(point_of(case)), order=1, modes=("rev",)))


def autograd_check_grads(case: Case) -> bool:
    """autograd.test_util.check_grads(order=1, modes=["rev"]) with its defaults: eps 1e-6, tolerance 1e-6."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    f, g = loss_of(case), gradient_of(case)
    loss = primitive(lambda *arrays: f(*arrays))
    count = len(point_of(case))
    defvjp(loss, *(_vjp(g, i) for i in range(count)))
    np.random.seed(0)  # noqa: NPY002 -- it draws its directions from there
    return passes(lambda: check_grads(loss, tuple(range(count)), modes=["rev"], order=1)(*point_of(case)))


def _vjp(g, place: int):
    return lambda value, *arrays: lambda dout: dout * g(*arrays)[place]


def scipy_check_grad(case: Case) -> bool:
    """scipy.optimize.check_grad gives a distance and no rule; 1e-5 times the gradient's norm, at least 1e-5."""
    from scipy.optimize import check_grad

    f, g, x = flat(case)
    return bool(check_grad(f, g, x) <= 1e-5 * max(1.0, float(np.linalg.norm(g(x)))))


def cs231n(case: Case) -> bool:
    """Step 1e-5; |a - n| / max(1e-8, |a| + |n|) at most 1e-4 in every entry (the course notes)."""
    f, g, x = flat(case)
    numeric, yours = central(f, x, 1e-5), g(x)
    return bool(np.all(np.abs(yours - numeric) / np.maximum(1e-8, np.abs(yours) + np.abs(numeric)) <= 1e-4))


def norm_ratio(case: Case) -> bool:
    """Step 1e-7; ||a - n|| / (||a|| + ||n||) at most 2e-7 (Ng's course)."""
    f, g, x = flat(case)
    numeric, yours = central(f, x, 1e-7), g(x)
    return bool(np.linalg.norm(yours - numeric) <= 2e-7 * (np.linalg.norm(yours) + np.linalg.norm(numeric)))


def passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except AssertionError:
        return False
    return True


RULES: dict[str, tuple[str, Callable[[Case], bool]]] = {
    "torch": ("torch gradcheck", torch_gradcheck),
    "torch-fast": ("torch gradcheck, fast mode", lambda case: torch_gradcheck(case, fast=True)),
    "jax": ("jax check_grads", jax_check_grads),
    "autograd": ("autograd check_grads", autograd_check_grads),
    "scipy": ("scipy check_grad, 1e-5", scipy_check_grad),
    "cs231n": ("cs231n rule, 1e-4", cs231n),
    "norm-ratio": ("norm ratio, 2e-7", norm_ratio),
}
OURS = "gradcheck"


def ask(rule: str, path: Path, seed: int) -> Answer:
    """One checker on one file; an error of the checker itself counts as undecided."""
    start = time.process_time()
    if rule == "ours":
        result = check_file(path, seed=seed)
        spent = result.evaluations.loss + result.evaluations.grad
        decided = {Outcome.AGREE: True, Outcome.DISAGREE: False}
        return Answer(decided.get(result.outcome), spent, time.process_time() - start)
    case = case_of_file(path, None, None, None, seed, None)
    start = time.process_time()
    try:
        verdict: bool | None = RULES[rule][1](case)
    except Exception:
        verdict = None
    return Answer(verdict, case.calls["loss"] + case.calls["grad"], time.process_time() - start)


def table(answers: dict[str, dict[str, Answer]], labels: dict[str, dict[str, object]]) -> str:
    """One row per checker."""
    lines = [
        "| checker | false alarms | misses | undecided | evaluations | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for rule, found in answers.items():
        wrong = {name for name in found if labels[name]["label"] == "buggy"}
        alarms = sum(found[name].passes is False for name in found if name not in wrong)
        misses = sum(found[name].passes is True for name in wrong)
        undecided = sum(answer.passes is None for answer in found.values())
        calls = sum(answer.evaluations for answer in found.values())
        seconds = sum(answer.seconds for answer in found.values())
        title = OURS if rule == "ours" else RULES[rule][0]
        sound = len(found) - len(wrong)
        lines.append(
            f"| {title} | {alarms} of {sound} | {misses} of {len(wrong)} | {undecided} | {calls:,} | {seconds:.1f} |"
        )
    return "\n".join(lines)


def details(rule: str, found: dict[str, Answer], labels: dict[str, dict[str, object]]) -> str:
    """The checker's row, and below it each file that it does not judge as labelled."""
    lines = [table({rule: found}, labels).splitlines()[-1]]
    for name, answer in found.items():
        label = labels[name]
        if answer.passes is not (label["label"] != "buggy"):
            said = {True: "passes", False: "refused", None: "undecided"}[answer.passes]
            lines.append(f"    {name}: {said} ({label.get('trap') or label.get('bug_kind')})")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--leave-out", nargs="*", default=())
    parser.add_argument("--rules", nargs="*", default=[*RULES, "ours"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--details", action="store_true", help="name the files behind each number")
    options = parser.parse_args()
    labels = json.loads((CORPUS / "labels.json").read_text(encoding="utf-8"))
    names = [n for n in sorted(labels) if (not options.only or n in options.only) and n not in options.leave_out]
    warnings.simplefilter("ignore")
    answers = {}
    for rule in options.rules:
        ask(rule, CORPUS / f"{names[0]}.py", options.seed)  # the library's own start is no part of the seconds
        answers[rule] = {name: ask(rule, CORPUS / f"{name}.py", options.seed) for name in names}
        if options.details:
            print(details(rule, answers[rule], labels), flush=True)
    print(table(answers, labels))


if __name__ == "__main__":
    main()
