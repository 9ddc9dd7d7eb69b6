"""The exact opinion on a network, where the network is small enough for it."""

from typing import TYPE_CHECKING

from gradcheck.errors import TooLarge
from gradcheck.network.networks import Network, Point

if TYPE_CHECKING:
    from gradcheck.symbolic.numbers import Exact


def exact_of(network: Network, point: Point, fresh: bool = True) -> "tuple[Exact | None, tuple[str, ...]]":
    """The symbolic opinion; None and a note where the network is too large for it.

    fresh: derived anew, also for an architecture that was seen before.
    """
    from gradcheck.symbolic.from_network import system_of
    from gradcheck.symbolic.kept import exact_at
    from gradcheck.symbolic.numbers import evaluate
    from gradcheck.symbolic.partials import differentiate

    try:
        return evaluate(differentiate(system_of(network, point))) if fresh else exact_at(network, point), ()
    except TooLarge as error:
        return None, (str(error),)
