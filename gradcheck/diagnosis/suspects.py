"""The statements that may carry the fault, likeliest first, each with a sentence."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.standings import (
    AGAIN,
    ALONE,
    COPIED,
    EXONERATED,
    HARDLY,
    LAST,
    MEANT,
    PAIRED,
    POSSIBLE,
    RIGHT,
    SPECIFIED,
    SPREAD,
    STARTING,
    UNKNOWN,
    Standing,
)
from gradcheck.results.diagnoses import Suspect


def suspects_of(
    standings: Sequence[Standing],
    wrong: Collection[str],
    lines: Sequence[int] = (),
    sites: Sequence[Site] = (),
    apart: Mapping[int, str] = MappingProxyType({}),
) -> list[Suspect]:
    """One suspect per statement, by rank; the exonerated only where there are no others.

    lines: where statements stand that a fix was found for, the best fix first: they come first. sites: of the file,
    for those of which nothing else is known: the loss runs them too. apart: the lines of several faults, which come
    then, each with what is known of it, but behind the likeliest single one if that could mend everything.
    """
    alone = [one.angel.site.statement.lineno for one in standings[:1] if apart and one.grade in (POSSIBLE, SPREAD)]
    order = {line: place for place, line in enumerate(dict.fromkeys((*lines, *alone, *apart)))}
    best: dict[int, Standing] = {}
    for one in sorted([*standings, *_unseen(standings, order, sites)], key=lambda one: _place(one, order)):
        best.setdefault(id(one.angel.site.statement), one)
    kept = [
        one for one in best.values() if one.angel.status != "exonerated" or one.angel.site.statement.lineno in order
    ]
    return [
        _suspect(rank, one, wrong, one.angel.site.statement.lineno in order, apart.get(one.angel.site.statement.lineno))
        for rank, one in enumerate(kept or best.values(), start=1)
    ]


def _place(one: Standing, order: Mapping[int, int]) -> int:
    return order.get(one.angel.site.statement.lineno, len(order))


def _unseen(standings: Sequence[Standing], lines: Collection[int], sites: Sequence[Site]) -> list[Standing]:
    """The statements of these lines that are none of the backward pass."""
    seen = {one.angel.site.statement.lineno for one in standings}
    found = {site.statement.lineno: site for site in reversed(sites) if site.statement.lineno in set(lines) - seen}
    return [Standing(Angel(site, "unknown"), SPECIFIED, 0, True, LAST, False) for site in found.values()]


def _suspect(rank: int, one: Standing, wrong: Collection[str], is_mended: bool, known: str | None) -> Suspect:
    site, all_of_them = one.angel.site, "every gradient" if len(wrong) > 1 else "the gradient"
    status = one.angel.status
    words = _WORDS[one.grade]
    if is_mended and status == "exonerated":  # it is not alone in its fault, or what is missing comes after it
        status, words = "unknown", MENDED
    words = words if known is None else known
    return Suspect(
        rank, site.statement_span, site.text, site.function, status, words.format(of=one.meaning, all=all_of_them)
    )


MENDED = "by itself no other value here would make {all} right: the fix changes another line too, or adds one after it"


_WORDS: Mapping[int, str] = {
    MEANT: "another value here would make {all} right: {of}",
    AGAIN: "it computes what the loss computes; another value here would make {all} right: {of}",
    POSSIBLE: "other numbers here would make {all} right, fitted at the checked points; no formula is known for them",
    ALONE: "what it moves is what is wrong, and nothing else; its right value could not be solved for",
    SPREAD: "other numbers here would make {all} right, fitted at the checked points, though it moves right ones too",
    HARDLY: "other numbers here would make {all} right, though it holds a derivative of the loss already",
    STARTING: "only a start other than zero would make {all} right",
    UNKNOWN: "not ruled out: its right value could not be solved for, or time was short",
    RIGHT: "it holds a derivative of the loss already; another value would only make up for a fault elsewhere",
    COPIED: "it computes what the loss computes; another value would only make up for a fault elsewhere",
    PAIRED: "the forward and the backward pass it belongs to agree; another value would make up for a fault elsewhere",
    SPECIFIED: "the loss is the same with the fix, but what the backward pass is left with is not",
    EXONERATED: "no value here would make {all} right, if this were the only fault",
}
