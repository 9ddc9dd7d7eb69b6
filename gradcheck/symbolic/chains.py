"""The chain rule of one partial: every path from the loss down to the parameter, link by link, with numbers."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gradcheck.results.derivations import Definition, Derivation, Factor, Path
from gradcheck.results.formulas import Formula, Partial, Product, Sum
from gradcheck.symbolic.formulas import Places, order_of, to_formula
from gradcheck.symbolic.numbers import Exact, evaluate
from gradcheck.symbolic.partials import Partials, between
from gradcheck.symbolic.systems import System, names_in

# A reader does not follow more paths than a page or two hold; above that the deltas alone lead to the total.
MOST_PATHS = 64


def derive_chain(partials: Partials, parameter: str, subject: str = "") -> Derivation:
    """The partial of the loss by one parameter, path by path with numbers.

    parameter: one of the system's. Paths are counted without walking them, and listed up to MOST_PATHS.
    Definitions and deltas are those of the names between parameter and loss; a delta bears the name of its value.
    """
    system, numbers = partials.system, evaluate(partials)
    names = between(partials, parameter)
    count, order = _count(partials, names), order_of(system)
    among = set(names)
    paths = _walk(partials, (system.loss,), among, parameter) if count <= MOST_PATHS else ()
    return Derivation(
        subject=subject,
        loss=system.loss,
        parameter=parameter,
        definitions=tuple(_definition(system, name, numbers, order) for name in names if name in system.definitions),
        paths=tuple(_path(partials, path, numbers, order) for path in paths),
        path_count=count,
        deltas=tuple(_delta(partials, name, among, numbers, order) for name in reversed(names) if name != system.loss),
        total=numbers.gradient[parameter],
    )


def _count(partials: Partials, names: Sequence[str]) -> int:
    """How many paths lead from the last name, the loss, to the first: each name has those of its consumers together."""
    counts = {names[-1]: 1} if names else {}
    for name in reversed(names[:-1]):
        counts[name] = sum(counts.get(target, 0) for target in partials.consumers.get(name, ()))
    return counts[names[0]] if names else 0


def _walk(partials: Partials, path: tuple[str, ...], names: set[str], end: str) -> Iterator[tuple[str, ...]]:
    """Every way on from the last name of the path down to `end`, sources in the order of computing."""
    if path[-1] == end:
        yield path
        return
    rank = {name: place for place, name in enumerate(partials.system.definitions)}
    sources = [name for name in names_in(partials.system.definitions[path[-1]]) if name in names]
    for source in sorted(sources, key=lambda name: rank.get(name, -1)):
        yield from _walk(partials, (*path, source), names, end)


def _definition(system: System, name: str, numbers: Exact, order: Places) -> Definition:
    return Definition(name, to_formula(system.definitions[name], order), numbers.values[name])


def _path(partials: Partials, names: tuple[str, ...], numbers: Exact, order: Places) -> Path:
    factors = tuple(_factor(partials, of, by, numbers, order) for of, by in pairwise(names))
    return Path(names, factors, math.prod(factor.value for factor in factors))


def _factor(partials: Partials, of: str, by: str, numbers: Exact, order: Places) -> Factor:
    return Factor(of, by, to_formula(partials.local[of, by], order), numbers.local[of, by])


def _delta(partials: Partials, name: str, names: set[str], numbers: Exact, order: Places) -> Definition:
    """The adjoint of a name: each consumer's adjoint times the link to it, summed."""
    targets = [target for target in partials.consumers.get(name, ()) if target in names]
    terms = [_link(partials, target, name, order) for target in targets]
    return Definition(name, terms[0] if len(terms) == 1 else Sum(tuple(terms)), numbers.adjoints[name])


def _link(partials: Partials, target: str, source: str, order: Places) -> Formula:
    """adjoint of the target · local partial; the loss's own adjoint is 1 and not written."""
    loss, local = partials.system.loss, to_formula(partials.local[target, source], order)
    if target == loss:
        return local
    adjoint = Partial(loss, target)
    return adjoint if partials.local[target, source] == 1 else Product((adjoint, local))
