"""A mismatch of terms and ways in words."""

import re
from collections.abc import Sequence

import sympy

from gradcheck.symbolic.factors import Term, is_long
from gradcheck.symbolic.mismatches import Pair, miscounted
from gradcheck.symbolic.routes import Link

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# More ways than this are counted, not listed.
MOST_LISTED = 3
INDEX = re.compile(r"\[[^\]]*\]")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def describe(label: str, loss: str, pairs: Sequence[Pair]) -> str:
    """What is right and what is not, way by way: "b1 reaches Loss by two paths: ... is right; in the term for ..."."""
    count = sum(pair.way is not None for pair in pairs)
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    right = [pair.way.text for pair in pairs if pair.way and pair.is_right]
    parts = [f"{text} is right" for text in right] if len(right) <= MOST_LISTED else [f"{len(right)} of them are right"]
    head = f"{label} reaches {loss} by {number} {'path' if count == 1 else 'paths'}"
    return f"{head}: {'; '.join([*parts, *_faults(pairs)])}{_counts(pairs)}."


def _faults(pairs: Sequence[Pair]) -> list[str]:
    wrong = [pair for pair in pairs if not pair.is_right]
    if len(wrong) == len(pairs) > 1 and all(_is_scaled(pair, pairs[0].ratio) for pair in pairs):
        return [f"in every term {_scale(pairs[0].ratio)}"]
    kinds: dict[str, list[str]] = {}
    for fault in map(_fault, wrong):
        kinds.setdefault(INDEX.sub("", fault), []).append(fault)
    told = [_likewise(faults) for faults in list(kinds.values())[:MOST_LISTED]]
    more = len(wrong) - sum(map(len, list(kinds.values())[:MOST_LISTED]))
    return [*told, f"{more} more differ"] if more else told


def _likewise(faults: Sequence[str]) -> str:
    """The first of faults that are alike but for their indices, and how many more there are."""
    more = f", and likewise in {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"{faults[0]}{more}"


def tells_all(pairs: Sequence[Pair], count: int) -> bool:
    """Are the mismatches no more than the terms of the discrepancy?

    Else terms cancel that are no mistake of anybody: a softmax that is written p - y is no sum over its paths. Nor is
    it known what a term is that belongs to no path where there is a path that has none.
    """
    if any(pair.way is None for pair in pairs) and any(pair.term is None for pair in pairs):
        return False
    return sum(_mismatches(pair) for pair in pairs) <= count


def _mismatches(pair: Pair) -> int:
    """How many terms of a discrepancy the pair leaves: its own and the true one, or what their numbers differ by."""
    if pair.way is None or pair.term is None:
        return 1
    return 2 if pair.lacks.powers or pair.extra.powers else int(pair.ratio != 1)


def _is_scaled(pair: Pair, ratio: sympy.Expr) -> bool:
    return bool(pair.way and pair.term and pair.ratio == ratio != 1 and not pair.lacks.powers and not pair.extra.powers)


def _fault(pair: Pair) -> str:
    if pair.way is None:
        return f"the term {_text(pair.term)} belongs to no path"
    if pair.term is None:
        return f"the path {pair.way.text} is missing"
    faults = []
    if pair.missing:
        links = " and ".join(_lack(link, lack, link in pair.gone) for link, lack in pair.missing)
        faults.append(f"{links} {'are' if len(pair.missing) > 1 else 'is'} missing")
    if pair.extra.powers:
        name = _link(pair.instead, pair.extra) if pair.instead else f"the factor {_text(pair.extra)}"
        stead = "their place" if len(pair.missing) > 1 else "its place"
        faults.append(f"{name} stands in {stead}" if pair.missing else f"{name} is too much")
    if pair.ratio != 1:
        faults.append(_scale(pair.ratio))
    return f"in the term for {pair.way.text} {' and '.join(faults)}"


def _counts(pairs: Sequence[Pair]) -> str:
    """ ": w5 is used twice, w6 never" where one link stands for another."""
    twice, never = miscounted(pairs)
    names = {link: _text(lack) for pair in pairs for link, lack in pair.missing}
    names |= {pair.instead: _text(pair.extra) for pair in pairs if pair.instead}
    if not (twice and never and names.keys() >= {*twice, *never}):
        return ""
    more, less = (" and ".join(names[link] for link in links) for links in (twice, never))
    return f": {more} is used twice, {less} never"


def _lack(link: Link, lack: Term, is_whole: bool) -> str:
    """What is missing: the link, or a factor of it."""
    return _link(link, lack) if is_whole else f"the factor {_text(lack)} of ∂{link[1]}/∂{link[0]}"


def _link(link: Link, factors: Term) -> str:
    source, target = link
    return f"the link ∂{target}/∂{source} = {_text(factors)}"


def _text(term: Term | None) -> str:
    if term is None:
        return ""
    rounded = {number: sympy.Float(number, 6) for number in term.expr.atoms(sympy.Rational) if is_long(number)}
    text = re.sub(r"\*\*(\d+)", lambda power: power[1].translate(RAISED), str(term.expr.xreplace(rounded)))
    return text.replace("**", "^").replace("*", "·").replace("-", "−")


def _scale(ratio: sympy.Expr) -> str:
    if ratio == -1:
        return "the sign is wrong"
    return f"the number in front is {f'{float(ratio):.6g}' if is_long(ratio) else ratio} times the right one"
