"""Random networks and their points, drawn by Hypothesis; they shrink to few and small layers."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from gradcheck.errors import UsageError
from gradcheck.network.dense import Dense, Shape
from gradcheck.network.losses import HALVED
from gradcheck.network.networks import Network, Point
from gradcheck.network.norms import BatchNorm
from gradcheck.network.stations import walk
from gradcheck.network.tables import ACTIVATIONS, BIASES, LOSSES, REDUCTIONS, names_of
from gradcheck.results.arrays import Floats
from gradcheck.strategies.kinds import BATCH, KINDS, Choices
from gradcheck.strategies.points import numbers_at, point_at

SEEDS = st.integers(0, 2**16 - 1)
MLP = "mlp"


def activations() -> SearchStrategy[str]:
    """The names of activations, registered ones too; they shrink to the identity."""
    return st.sampled_from(names_of("activation", ACTIVATIONS))


def losses() -> SearchStrategy[str]:
    """The names of losses; they shrink to half the square."""
    return st.sampled_from(LOSSES)


def every_kind() -> tuple[str, ...]:
    """The kinds of networks, those of registered layers behind."""
    return (MLP, *KINDS)


def ensure_kinds(kinds: Sequence[str]) -> None:
    """Raises UsageError, with the nearest name, for a kind that there is not, or none at all."""
    unknown = next((kind for kind in kinds if kind not in every_kind()), None if kinds else "")
    if unknown is not None:
        near = get_close_matches(unknown, every_kind(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(every_kind())}"
        raise UsageError(f"there is no kind of network {unknown!r}: {hint}")


@st.composite
def cotangents(draw: DrawFn, shape: Shape) -> Floats:
    """Arrays of a shape to pull back: no entry 0, all entries different, the same for the same drawn seed."""
    rows = int(shape[0]) if shape else 1
    size = 1
    for side in shape[1:]:
        size *= side
    return numbers_at(draw(SEEDS), "cotangent", rows, size).reshape(shape)


@st.composite
def networks(
    draw: DrawFn,
    *,
    kinds: Sequence[str] = (MLP,),
    max_depth: int = 3,
    max_width: int = 4,
    activations: Sequence[str] | None = None,
    losses: Sequence[str] = LOSSES,
    biases: Sequence[str] = BIASES,
    reductions: Sequence[str] = REDUCTIONS,
    namings: Sequence[str] = ("matrix",),
) -> Network:
    """Networks of the given kinds (mlp and KINDS); they shrink to few and narrow layers and the first of each list.

    max_depth: of hidden layers, and namings: for "mlp" alone.
    activations: all where None, registered ones too. Raises UsageError for an unknown kind.
    """
    ensure_kinds(kinds)
    activations = names_of("activation", ACTIVATIONS) if activations is None else activations
    kind = draw(st.sampled_from(list(kinds)))
    if kind == MLP:
        widths, layers = draw(_dense_rows(max_depth, max_width, activations, biases))
        loss = draw(_fitting(losses, (widths[-1],)))
        naming = draw(st.sampled_from(list(namings)))
        return Network(widths[0], layers, loss, draw(st.sampled_from(list(reductions))), naming=naming)
    body = KINDS[kind](draw, Choices(max_width, activations, biases))
    entering = body.entering[0] if len(body.entering) == 1 else body.entering
    outputs = Network(entering, body.layers, "output").output_shape
    loss = draw(_fitting(losses, outputs))
    return Network(entering, body.layers, loss, draw(st.sampled_from(list(reductions))), ties=body.ties)


@st.composite
def points(draw: DrawFn, network: Network, *, max_samples: int = 1) -> Point:
    """Points of a network: `point_at` with drawn samples and seed; they shrink to one sample and seed 0.

    A network that normalises over the batch gets three samples at least.
    """
    least = least_samples(network)
    samples = draw(st.integers(least, max(least, max_samples)))
    return point_at(network, draw(SEEDS), samples)


def least_samples(network: Network) -> int:
    """How many samples a point needs at least so that no sum over the batch is trivial."""
    return BATCH if any(isinstance(station.layer, BatchNorm) for station in walk(network.stations)) else 1


@st.composite
def cases(draw: DrawFn, /, *, max_samples: int = 1, **options: Any) -> tuple[Network, Point]:
    """A network and a point of it: `networks` and `points` in one draw; the options are those of `networks`."""
    network = draw(networks(**options))
    return network, draw(points(network, max_samples=max_samples))


@st.composite
def _dense_rows(
    draw: DrawFn, max_depth: int, max_width: int, activations: Sequence[str], biases: Sequence[str]
) -> tuple[list[int], tuple[Dense, ...]]:
    """Sizes from the input to the output, and the layers."""
    depth = draw(st.integers(0, max_depth))
    widths = [draw(st.integers(1, max_width)) for _ in range(depth + 2)][::-1]  # drawn from the output back
    kinds = [draw(st.sampled_from(list(activations))) for _ in range(depth + 1)]
    bias = draw(st.sampled_from(list(biases)))
    return widths, tuple(Dense(units, kind, bias) for units, kind in zip(widths[1:], kinds, strict=True))


def _fitting(losses: Sequence[str], outputs: Shape) -> SearchStrategy[str]:
    """Losses that can be had of such outputs and tell them apart; all of them where none does."""
    return st.sampled_from([name for name in losses if _fits(name, outputs)] or ["half_square"])


def _fits(loss: str, outputs: Shape) -> bool:
    """Softmax and cosine over one output are the same whatever the weights; some losses read outputs in halves."""
    if loss in ("softmax_cross_entropy", "cosine"):
        return outputs[-1] > 1
    return loss not in HALVED or outputs[-1] % 2 == 0
