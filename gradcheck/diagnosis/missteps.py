"""Statements as a whole where a backward pass is cut: another order or direction that makes cuts needless."""

import ast
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import UNFIT, make_bench, moments_of
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.cuts import Cut, elsewhere, names_with
from gradcheck.diagnosis.cutting import needed
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.offers import FAMILIES, rewritten
from gradcheck.diagnosis.pools import is_number
from gradcheck.diagnosis.purposes import turned_round
from gradcheck.diagnosis.restating import Restatement, restated, stored_otherwise
from gradcheck.diagnosis.severing import Severed
from gradcheck.diagnosis.slips import FAR
from gradcheck.diagnosis.stepwise import STRONG
from gradcheck.diagnosis.witnesses import Court, Hearing, hear, retried
from gradcheck.diagnosis.workplaces import workplace_of
from gradcheck.subject.limits import limited


@dataclass(frozen=True, eq=False)
class Misstep:
    """Another statement, at which line.

    names: of the gradients that it brings right beside the cuts; cuts: so many of these are needless with it; score:
    how much more is right without any.
    """

    candidate: Candidate
    line: int
    names: frozenset[str]
    cuts: int
    score: float

    @property
    def gain(self) -> float:
        """For sorting: how much it mends, the nearer change first."""
        return len(self.names) + self.cuts + self.score - FAR * self.candidate.cost

    @property
    def is_telling(self) -> bool:
        """Does it mend so much that it is hardly right by chance?"""
        return bool(self.names) or self.cuts > 0 or self.score >= STRONG


def missteps_in(severed: Severed, statements: Collection[ast.stmt], deadline: float) -> list[Misstep]:
    """Changes of these statements with which more is right beside the cuts, or not all of these are needed.

    Those first that mend most.
    """
    court, source = severed.court, severed.search.source
    functions = sorted(court.functions)
    told = [*stored_otherwise(court.bench, source, functions), *restated(court.bench, source, functions, FAMILIES)]
    chosen = [*(one for one in told if one[1] in statements), *_unpacked(severed, statements)]
    found = _weighed(severed, sorted(chosen, key=lambda one: one[2].cost), deadline)
    return sorted((one for one in found if one.is_telling), key=lambda one: -one.gain)


def _takes(statement: ast.stmt) -> bool:
    """Does it take apart what was kept? What it takes by a wrong name is wrong in all that follows."""
    target = statement.target if isinstance(statement, ast.For) else getattr(statement, "targets", [None])[0]
    return isinstance(statement, ast.For) or isinstance(target, ast.Tuple)


def _unpacked(severed: Severed, statements: Collection[ast.stmt]) -> Iterator[Restatement]:
    """Other right-hand sides where what is taken is no number, so that no value of it is known to be right."""
    search = severed.search
    for site in search.bench.sites:
        if site.statement in statements and site.kind == "assign" and isinstance(site.expr, ast.Subscript):
            moments = moments_of(search.bench, search.truths[0].point, site.number)
            if moments and not any(is_number(moment.value) for moment in moments):
                workplace = workplace_of(search.bench, search.source, Angel(site, "unknown"), moments)
                yield from ((site.function, site.statement, one) for one in rewritten(search, workplace))


def missteps_above(severed: Severed, deadline: float) -> list[Misstep]:
    """The same of the cuts' statements, of returns, and of those above all wrong values that take what was kept."""
    base, sites = severed.base, severed.court.bench.sites
    wrong = base.tells & ~base.right & ~np.isin(base.sites, list(base.copied))
    end = int(np.argmax(wrong)) + 1 if wrong.any() else len(wrong)
    cut = {cut.site.statement for cut in severed.cuts}
    ran = frozenset[ast.AST](cut | {sites[n].statement for n in base.sites[:end]})
    above = (one for block in _blocks(severed.court.bench.tree) for one in _up_to_last(block, ran))
    returns = {site.statement for site in sites if site.kind == "return" and site.function in severed.court.functions}
    return missteps_in(severed, {*cut, *filter(_takes, above), *returns}, deadline)


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        yield from (block for field in ("body", "orelse") if isinstance(block := getattr(node, field, None), list))


def _up_to_last(block: Sequence[ast.stmt], ran: frozenset[ast.AST]) -> Sequence[ast.stmt]:
    """The statements of a block to the last one that is, or holds, one of these."""
    last = max((i for i, one in enumerate(block) if not ran.isdisjoint(ast.walk(one))), default=-1)
    return block[: last + 1]


def _weighed(severed: Severed, restatements: Iterable[Restatement], deadline: float) -> Iterator[Misstep]:
    """Those of the restatements that mend anything, each text once."""
    seen = {severed.court.bench.text}
    for _, statement, candidate in restatements:
        text = apply_swaps(severed.court.bench.text, candidate.swaps)
        if time.process_time() > deadline:
            return
        if text not in seen:
            seen.add(text)
            try:
                with limited(severed.search.seconds):
                    court = _court_of(severed, text)
                    names, cuts = _mended(severed, court, statement)
                    heard = hear(court)
            except (*UNFIT, SyntaxError):
                continue
            yield Misstep(candidate, statement.lineno, names, cuts, gained(severed.base, heard))


def gained(base: Hearing, heard: Hearing | None) -> float:
    """How much more is right; nothing where a loop runs less: then less is wrong, but no more is right."""
    return heard.score - base.score if heard is not None and heard.sites.size >= base.sites.size else 0.0


def _court_of(severed: Severed, text: str) -> Court:
    """The court for another text; raises SyntaxError, and what the text raises."""
    case = severed.court.bench.original
    assert case.origin is not None
    bench = make_bench(replace(case, origin=replace(case.origin, text=text)))
    return retried(severed.court, bench)


def _mended(severed: Severed, court: Court, statement: ast.stmt) -> tuple[frozenset[str], int]:
    """(gradients that another statement brings right beside the cuts, how many of these it makes needless)."""
    best, others = (frozenset[str](), 0), [cut for cut in severed.cuts if cut.site.statement is not statement]
    for is_turned in (False, True)[: 1 + isinstance(statement, ast.For)]:
        cuts = _moved(others, court, is_turned)
        names = frozenset() if cuts is None else names_with(court, cuts)
        if cuts is not None and severed.heard.names <= names:
            found = names - severed.heard.names, len(severed.cuts) - len(needed(court, cuts))
            best = max(best, found, key=lambda one: len(one[0]) + one[1])
    return best


def _moved(cuts: Sequence[Cut], court: Court, is_turned: bool) -> list[Cut] | None:
    """The cuts in another text; None where their sites are not there. is_turned: for loops that run the other way."""
    assert court.known is not None
    found = []
    for cut in cuts:
        site = court.bench.sites[cut.site.number] if cut.site.number < len(court.bench.sites) else None
        purpose = turned_round(cut.purpose) if is_turned else cut.purpose
        if site is None or (site.target, site.kind) != (cut.site.target, cut.site.kind):
            return None
        there = elsewhere(Cut(site, purpose, ()), court.bench, court.outputs.truth, court.known)
        if there is None:
            return None
        found.append(there)
    return found
