"""The ways from a parameter to the loss, each as a product of links."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gradcheck.symbolic.factors import ONE, Term
from gradcheck.symbolic.partials import Partials, between
from gradcheck.symbolic.rewriting import Notation

# More ways than this no reader compares with terms, and the products along them grow in number with their square.
MOST_PATHS = 64

Link = tuple[str, str]  # (source, target)
Way = tuple[str, ...]  # names, from a parameter to the loss


@dataclass(frozen=True)
class Route:
    """One way from the loss down to a parameter: its links in that order, and the local partial of each."""

    links: tuple[Link, ...]
    partials: tuple[Term, ...]

    @property
    def term(self) -> Term:
        """The product of all links."""
        product = ONE
        for partial in self.partials:
            product = product.times(partial)
        return product

    @property
    def text(self) -> str:
        """`b1 -> neth1 -> outh1 -> neto -> out -> Loss`."""
        return " -> ".join([self.links[-1][0], *(target for _, target in reversed(self.links))])


def routes(partials: Partials, ways: Sequence[Way], notation: Notation) -> list[Route]:
    """The ways with the local partial of each of their links."""
    return [_route(partials, way, notation) for way in ways]


def ways_from(partials: Partials, label: str) -> list[Way] | None:
    """Every way from that parameter to the loss on which no link is 0; None where there are more than MOST_PATHS."""
    names = set(between(partials, label))
    ways: list[Way] = []
    todo: list[Way] = [(label,)]
    while todo:
        way = todo.pop()
        if way[-1] == partials.system.loss:
            ways.append(way)
        targets = [name for name in partials.consumers.get(way[-1], ()) if name in names]
        todo.extend((*way, name) for name in reversed(targets) if partials.local[name, way[-1]] != 0)
        if len(ways) + len(todo) > MOST_PATHS:
            return None
    return ways


def local_term(partials: Partials, link: Link, notation: Notation) -> Term:
    """∂target/∂source as a term."""
    source, target = link
    return notation.term(partials.local[target, source])


def _route(partials: Partials, way: Way, notation: Notation) -> Route:
    links = tuple(reversed(tuple(pairwise(way))))
    return Route(links, tuple(local_term(partials, link, notation) for link in links))
