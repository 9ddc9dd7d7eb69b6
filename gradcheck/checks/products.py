"""The verbs on vector-valued functions: each is a check of a loss that it makes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcheck.checks.answers import COTANGENTS, answer_all, weighed
from gradcheck.checks.looks import Demands
from gradcheck.checks.ranges import Limits, as_names, bounds_of, ensure_known
from gradcheck.checks.tangents import answer_along_tangents
from gradcheck.results.result import Result, Subject
from gradcheck.subject.cases import Case, Functions, make_case
from gradcheck.subject.products import name_of, pull_back
from gradcheck.subject.tangents import push_forward


def check_vjp(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    at: Any,
    *,
    cache: bool | None = None,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    wrt: str | Sequence[str] | None = None,
    bounds: Limits | None = None,
    resolution: float = 1e-3,
    seed: int = 0,
    stay: bool = False,
    level: str = "standard",
) -> Result:
    """Does `backward` pull cotangents back through `forward`? A Result, true only for AGREE.

    y = forward(*at) and backward(dy, *at), or (y, cache) = forward(*at) and backward(dy, cache); y may be an array, a
    tuple or a dict. cache: which of the two, where a forward pass that returns a pair leaves it open. The rest as for
    `check`. Two random cotangents u are drawn; the loss of each is sum(u * y).
    """

    def pulled(draw: int) -> Functions:
        return pull_back(forward, backward, at, args, kwargs, cache, COTANGENTS * seed + draw)

    cases = [_case(pulled(draw), at, forward, backward) for draw in range(COTANGENTS)]
    named, limits = as_names(wrt), bounds_of(bounds, cases[0].at.arrays)
    ensure_known("wrt", named or (), cases[0].at.arrays)
    return answer_all(
        cases,
        Demands(resolution, seed, stay, named, limits, level),
        weighed(name_of(forward)),
    )


def check_jvp(
    f: Callable[..., Any],
    f_jvp: Callable[..., Any],
    at: Any,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    wrt: str | Sequence[str] | None = None,
    bounds: Limits | None = None,
    resolution: float = 1e-3,
    seed: int = 0,
    stay: bool = False,
    level: str = "standard",
) -> Result:
    """Does `f_jvp` push tangents forward through `f`? A Result, true only for AGREE; it names entries of the point.

    f_jvp: (x, W, dx, dW) or (primals, tangents); returns dy or (y, dy). Up to 64 entries it is called once for each,
    with a tangent along it; more are checked along a few random tangents, and by blocks where these disagree. The
    outputs are weighed by two random cotangents. The rest as for `check`.
    """

    def pushed(draw: int) -> Functions:
        return push_forward(f, f_jvp, at, args, kwargs, draw == 1, COTANGENTS * seed + draw)

    cases = [_case(pushed(draw), at, f, f_jvp) for draw in range(COTANGENTS)]
    named, limits = as_names(wrt), bounds_of(bounds, cases[0].at.arrays)
    ensure_known("wrt", named or (), cases[0].at.arrays)
    demands = Demands(resolution, seed, stay, named, limits, level)
    if (along := answer_along_tangents(f, f_jvp, at, args, kwargs, demands)) is not None:
        return along
    return answer_all(
        cases,
        demands,
        f"{weighed(name_of(f))}, tangents are of random lengths",
    )


def _case(functions: Functions, at: Any, f: Callable[..., Any], derivative: Callable[..., Any]) -> Case:
    return make_case(functions, at, Subject(None, name_of(f), name_of(derivative)))
