"""Second derivatives of a network: its Hessian times a direction, against the differences of its gradient."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

from gradcheck.backprop.networks import function_of, gradient
from gradcheck.backprop.transforms import hvp
from gradcheck.network.networks import Network, Point
from gradcheck.network.numbers import hundredths
from gradcheck.results.arrays import Floats
from gradcheck.results.verdicts import Verdict
from gradcheck.verification import Verification, examine


def direction_at(point: Point) -> dict[str, Floats]:
    """One direction through all parameters, the same for the same shapes."""
    starts = accumulate((array.size for array in point.params.values()), initial=0)
    return {
        name: hundredths(array.shape, start) for (name, array), start in zip(point.params.items(), starts, strict=False)
    }


def examine_curvature(
    network: Network, point: Point, resolution: float = 1e-3, level: str = "standard"
) -> Verification:
    """Verdicts named `hess.W1`: rows of the Hessian times `direction_at`, forward over reverse mode."""
    along = direction_at(point)
    (curved,) = hvp(function_of(network, point), (dict(point.params),), (along,))

    def slope(params: Mapping[str, Floats]) -> float:
        here = gradient(network, point.with_params(params)).gradient
        return float(sum((here[name] * v).sum() for name, v in along.items()))

    found = examine(slope, curved, point.params, resolution=resolution, level=level)
    return replace(found, verdicts=tuple(_named(verdict) for verdict in found.verdicts))


def _named(verdict: Verdict) -> Verdict:
    return replace(verdict, name=f"hess.{verdict.name}")
