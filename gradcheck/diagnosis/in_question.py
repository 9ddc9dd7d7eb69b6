"""Which sites of a backward pass may be at fault, by what each gave in a run: those that hold no derivative."""

import ast
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import gradients_of
from gradcheck.diagnosis.cuts import Cut, forcing
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.slips import open_sites
from gradcheck.diagnosis.witnesses import SAME, Court, Hearing
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats

# An array of fewer numbers is judged by each of them.
SEVERAL = 2


def in_question(court: Court, cuts: Sequence[Cut], heard: Hearing) -> list[Site]:
    """The sites that are wrong, or hold no derivative as a whole, as they go wrong; those last that hardly are."""
    likely, late = open_sites(court, heard)
    wrong = heard.tells & ~heard.right
    order = [((heard.first(site.number, wrong) or (0, 0))[0], site) for site, _ in likely]
    taken = {cut.site.number for cut in cuts}
    told = {site.number for site, _ in likely} | taken | heard.copied
    for number in without_purpose(court, cuts) - told:
        order.append((int(np.argmax(heard.sites == number)), court.bench.sites[number]))
    ranked = [site for _, site in sorted(order, key=lambda one: one[0])]
    sites = dict.fromkeys((*ranked, *(site for site, _ in late)))
    return [site for site in sites if site.number not in taken and not hands_on(site)]


def without_purpose(court: Court, cuts: Sequence[Cut]) -> frozenset[int]:
    """Numbers of the sites that gave an array which is no derivative by anything as a whole."""
    assert court.known is not None
    whole: dict[tuple[int, ...], list[Floats]] = {}
    for role in court.known.every:
        for array in role.adjoints:
            whole.setdefault(np.shape(array), []).append(np.ravel(array))
    known = {shape: np.stack(rows) for shape, rows in whole.items()}
    found: set[int] = set()
    force = forcing(cuts)

    def hook(site: int, value: Any) -> Any:
        if site in court.watched and site not in found and not _is_whole(value, known):
            found.add(site)
        return force(site, value)

    with suppress(GradcheckError):
        gradients_of(court.bench, court.outputs.truth.point, hook)
    return frozenset(found)


def sites_read_by(court: Court, site: Site) -> list[Site]:
    """The sites of the same function that store what a site reads, the nearest above it first."""
    sites = (court.bench.sites[number] for number in court.watched)
    found = [one for one in sites if one.function == site.function and one.target in site.reads]
    return sorted(found, key=lambda one: (one.number > site.number, -one.number))


def _is_whole(value: Any, known: Mapping[tuple[int, ...], Floats]) -> bool:
    """Is an array of several numbers one of the known ones? What is none counts as such."""
    if not isinstance(value, np.ndarray) or value.dtype != np.float64 or value.size < SEVERAL:
        return True
    rows = known.get(value.shape)
    if rows is None:
        return False
    with np.errstate(all="ignore"):
        return bool((np.abs(rows - value.ravel()).max(axis=1) <= SAME * np.abs(value).max()).any())


def hands_on(site: Site) -> bool:
    """Does a site only return what others made?"""
    return site.kind == "return" and isinstance(site.expr, ast.Name | ast.Attribute | ast.Subscript)
