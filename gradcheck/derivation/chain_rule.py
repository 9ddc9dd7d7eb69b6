"""The chain rule for one parameter of a network or of a traced file."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gradcheck.errors import UsageError
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import point_of
from gradcheck.network.text import from_text, to_text
from gradcheck.results.derivations import Derivation

if TYPE_CHECKING:
    from gradcheck.symbolic.partials import Partials


def derive(
    subject: "Network | str | Partials",
    parameter: str | None = None,
    point: Point | None = None,
    *,
    title: str | None = None,
) -> Derivation:
    """The partial of the loss by one parameter, path by path with numbers.

    subject: a Network, its text form or the name of one of the sources' nets, or the Partials of a traced file.
    parameter: a label (`W1[0,1]`); an array's name means its first entry, None the first parameter of all.
    point: where the numbers are taken; by default the source's own point, else short decimals that are all different.
    title: what the derivation calls its subject. Raises UsageError for an unknown parameter, NetworkError, TooLarge.
    """
    from gradcheck.symbolic.chains import derive_chain
    from gradcheck.symbolic.from_network import system_of
    from gradcheck.symbolic.partials import Partials, differentiate

    network = from_text(subject) if isinstance(subject, str) else subject
    if isinstance(network, Partials):
        partials = network
    else:
        partials = differentiate(system_of(network, point or point_of(network)))
    words = title or (subject if isinstance(subject, str) else _title(subject))
    return derive_chain(partials, find_parameter(partials.system.parameters, parameter), words)


def find_parameter(labels: Sequence[str], name: str | None) -> str:
    """The label that a reader means; UsageError with the nearest one, or all of them, where there is none."""
    wanted = (labels[0] if name is None else name).replace(" ", "")
    if wanted in labels:
        return wanted
    first = next((one for one in labels if one.startswith(f"{wanted}[")), None)
    if first is not None:
        return first
    near = get_close_matches(wanted, labels, n=1)
    hint = f"did you mean {near[0]}?" if near else f"choose one of {shorten(labels)}"
    raise UsageError(f"there is no parameter {name!r}: {hint}")


def shorten(labels: Sequence[str]) -> str:
    """The labels in a row; each array by its first and its last entry."""
    arrays: dict[str, list[str]] = {}
    for one in labels:
        arrays.setdefault(one.partition("[")[0], []).append(one)
    return ", ".join(group[0] if len(group) == 1 else f"{group[0]} ... {group[-1]}" for group in arrays.values())


def _title(subject: "Network | Partials") -> str:
    if not isinstance(subject, Network):
        return ""
    return "-".join(map(str, subject.sizes)) if subject.is_dense else to_text(subject)
