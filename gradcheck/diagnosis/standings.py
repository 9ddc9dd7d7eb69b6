"""How each site of a backward pass stands: how likely the fault is there, and what it should hold."""

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints, Role
from gradcheck.diagnosis.angels import Angel, Wanted
from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.influence import Influence
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.promises import SAME, Promise, keeps_habit, promise_of
from gradcheck.diagnosis.recognition import are_among, are_final, is_computed_again, role_of_wanted
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.trials import FEW, try_elsewhere
from gradcheck.diagnosis.truths import Truth
from gradcheck.results.arrays import Floats

# How a site stands: the smaller the likelier.
MEANT, AGAIN, POSSIBLE, ALONE, SPREAD, HARDLY, STARTING, UNKNOWN = range(8)
RIGHT, COPIED, PAIRED, EXONERATED, SPECIFIED = range(8, 13)
# What does not run is behind all that does.
LAST = 2**62
# So many of the likeliest are tried at a second point: a run for each number of the site.
CONFIRMED = 4
# (grade, what the site should hold in words, the same as its numbers), where that is known.
Graded = tuple[int, str | None, Floats | None]


@dataclass(frozen=True, eq=False)
class Standing:
    """How likely a site is at fault.

    innocents: how many right gradients it moves as well. shared: it runs for the loss too, which keeps what it gives
    for the gradient alone. order: when it first gives what should be another value, as far as that is known, or first
    runs at all. reaches: does it move all that is wrong? meaning: what it should hold in words, where that is known.
    passes_on: does it compute nothing of its own? It returns what others made, or calls a function of the loss.
    """

    angel: Angel
    grade: int
    innocents: int
    shared: bool
    order: int
    reaches: bool
    meaning: str | None = None
    passes_on: bool = False

    @property
    def key(self) -> tuple[int, bool, bool, bool, int, int, int]:
        """For sorting: of one grade what only the gradient needs, what moves few right ones, what runs first.

        What was not seen to move all that is wrong comes behind, and what computes nothing of its own.
        """
        site = self.angel.site
        return self.grade, self.passes_on, self.shared, not self.reaches, self.innocents, self.order, site.number


def stand(
    angels: Sequence[Angel], influence: Influence, wrong: Collection[str], truth: Truth, known: Adjoints | None
) -> list[Standing]:
    """Every site with its grade, likeliest first.

    MEANT: the value it should have is the derivative of the loss by something that the loss computed; then the fault
    stands there, or nowhere above; so it does where a value is no finite number. AGAIN: the same of what the loss
    computes as well, as the difference with which a backward pass begins. ALONE: no value
    is known for it, but all that it moves is wrong, and it moves all of that. SPREAD: it moves what is right too, so
    that a value would have to keep that as it is. HARDLY: it has such a derivative
    already, but may need another. STARTING: zeros to add to. RIGHT: it has such a derivative, and what is wanted of it
    is none: it would make up for another. COPIED: a forward pass written out again.
    """
    found = [_standing(angel, influence, frozenset(wrong), truth, known) for angel in angels]
    return sorted(found, key=lambda one: one.key)


def confirm(standings: Sequence[Standing], bench: Bench, outputs: Sequence[Outputs], deadline: float) -> list[Standing]:
    """The standings with the likeliest tried at other points too, and those that stand all cleared there behind."""
    found, confirmed = list[Standing](), 0
    for one in standings:
        if not one.angel.wanted or (confirmed >= CONFIRMED and one.angel.size > FEW):
            found.append(one)
            continue
        angel = try_elsewhere(one.angel, bench, outputs, deadline)
        cleared = EXONERATED if angel.status == "exonerated" else UNKNOWN
        found.append(replace(one, angel=angel, grade=one.grade if angel.wanted else cleared))
        confirmed += bool(angel.wanted)
    return sorted(found, key=lambda one: one.key)


def behind_pairs(standings: Sequence[Standing], right: Collection[str]) -> list[Standing]:
    """The standings with those behind that belong to a backward pass that is right by itself; right: names of these."""
    found = [
        replace(one, grade=PAIRED) if one.angel.site.function in right and one.grade < PAIRED else one
        for one in standings
    ]
    return sorted(found, key=lambda one: one.key)


def _standing(
    angel: Angel, influence: Influence, wrong: frozenset[str], truth: Truth, known: Adjoints | None
) -> Standing:
    innocents = len(set(truth.values if angel.moves is None else angel.moves) - wrong)
    grade, meaning, meant = _grade(angel, influence, truth, known)
    reaches = angel.moves is not None and wrong <= angel.moves
    if grade == POSSIBLE and innocents:
        grade = SPREAD
    elif grade == UNKNOWN and angel.moves == wrong < set(truth.values):
        grade = ALONE
    number = angel.site.number
    times, turn = influence.times.get(number, ()), angel.wanted[0].first_off(meant) if angel.wanted else 0
    return Standing(
        angel=angel,
        grade=grade,
        innocents=0 if grade == MEANT else innocents,
        shared=number in influence.shared,
        order=times[turn] if turn < len(times) else LAST,
        reaches=reaches,
        meaning=meaning,
        passes_on=_passes_on(angel.site, known),
    )


def _passes_on(site: Site, known: Adjoints | None) -> bool:
    """Does a site only return what others made, or call a function that the loss runs?"""
    if isinstance(site.expr, ast.Name | ast.Attribute | ast.Subscript):
        return site.kind == "return"
    functions = {role.site.function.rpartition(".")[2] for role in known.roles} if known else set()
    word = site.expr.func if isinstance(site.expr, ast.Call) else None
    return getattr(word, "attr", getattr(word, "id", None)) in functions


def _grade(angel: Angel, influence: Influence, truth: Truth, known: Adjoints | None) -> Graded:
    if angel.clue is not None:
        return MEANT, angel.clue.meaning, None
    if angel.status == "exonerated":
        return EXONERATED, None, None
    wanted = angel.wanted[0] if angel.wanted else None
    promised = promise_of(angel.site, known) if wanted is not None and known is not None else None
    if wanted is not None and promised is not None and wanted.would_mend([np.array(promised.value)]):
        return (RIGHT, None, None) if _holds(wanted, promised) else (MEANT, promised.role.text, None)
    if _is_copy(angel, influence, known):
        return (COPIED, None, None) if wanted is None or known is None else _of_copy(wanted, known)
    if angel.status == "unknown":
        return UNKNOWN, None, None
    if wanted is None:
        return POSSIBLE, None, None
    now = wanted.layout.pack(wanted.layout.values)
    if now is None or not np.isfinite(now).all():
        return MEANT, "a finite number, which it is not now", None
    if wanted.layout.is_mask:
        return MEANT, "true where it is false, or false where it is true", None
    if not wanted.have.any():
        return STARTING, None, None
    return (POSSIBLE, None, None) if known is None else _by_adjoints(angel.site, wanted, truth, known, promised)


def _by_adjoints(site: Site, wanted: Wanted, truth: Truth, known: Adjoints, promised: Promise | None) -> Graded:
    """The grade of a site with a wanted value, and what it should hold, by the derivatives of the loss."""
    if (promised is not None and _holds(wanted, promised)) or keeps_habit(site, wanted, known):
        return RIGHT, None, None
    found = role_of_wanted(wanted, known)
    if found is not None:
        return MEANT, _told(found[0]), found[1]
    want, have = [wanted.want[wanted.felt]], [wanted.have[wanted.felt]]
    if _is_told(wanted, known):
        return MEANT, _told(None), None
    if are_among(have, known.sorted) and not are_final(want, truth):
        return (RIGHT if wanted.is_unique else HARDLY), None, None
    hands_on = site.kind == "return" and isinstance(site.expr, ast.Name)
    return (HARDLY if hands_on else POSSIBLE), None, None


def _of_copy(wanted: Wanted, known: Adjoints) -> Graded:
    """The grade of a site that computes what the loss computes."""
    found = role_of_wanted(wanted, known)
    if found is None:
        return (AGAIN, _told(None), None) if _is_told(wanted, known) else (COPIED, None, None)
    return AGAIN, _told(found[0]), found[1]


def _is_told(wanted: Wanted, known: Adjoints) -> bool:
    """Is what is wanted, and nothing else would do, a derivative of the loss, or of what it is a mean of?"""
    return wanted.is_unique and are_among([wanted.want[wanted.felt]], known.means)


def _is_copy(angel: Angel, influence: Influence, known: Adjoints | None) -> bool:
    """Does it compute what the loss computed? A bare name is a choice, unless the loss made the same."""
    if angel.site.number in influence.repeats:
        return True
    if isinstance(angel.site.expr, ast.Name | ast.Attribute | ast.Subscript | ast.Constant):
        return False
    values = influence.values.get(angel.site.number, ())
    again = known is not None and is_computed_again(values, known)
    return angel.site.number in influence.copies or again


def _holds(wanted: Wanted, promised: Promise) -> bool:
    """Does the site have the promised value already?"""
    apart = np.abs(wanted.have - promised.value)
    return wanted.have.size == 1 and bool(apart.max(initial=0.0) <= SAME * abs(promised.value))


def _told(role: Role | None) -> str:
    return "a derivative of the loss, of which it is not known by what" if role is None else role.words
