"""A mismatch of terms and ways in words."""

from collections.abc import Sequence

import sympy

from gradcheck.symbolic.factors import Term
from gradcheck.symbolic.mismatches import Pair, miscounted
from gradcheck.symbolic.routes import Link

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# More ways that are right are counted, not listed.
MOST_LISTED = 3


def describe(label: str, loss: str, pairs: Sequence[Pair]) -> str:
    """What is right and what is not, way by way: "b1 reaches Loss by two paths: ... is right; in the term for ..."."""
    ways = [pair for pair in pairs if pair.way]
    right = [pair.way.text for pair in pairs if pair.way and pair.is_right]
    parts = [f"{text} is right" for text in right] if len(right) <= MOST_LISTED else [f"{len(right)} of them are right"]
    parts += [_fault(pair) for pair in pairs if not pair.is_right]
    count = NUMBERS[len(ways)] if len(ways) < len(NUMBERS) else str(len(ways))
    paths = "path" if len(ways) == 1 else "paths"
    return f"{label} reaches {loss} by {count} {paths}: {'; '.join(parts)}{_counts(pairs)}."


def _fault(pair: Pair) -> str:
    if pair.way is None:
        return f"the term {_text(pair.term)} belongs to no path"
    if pair.term is None:
        return f"the path {pair.way.text} is missing"
    faults = []
    if pair.missing:
        links = " and ".join(_link(link, lack) for link, lack in pair.missing)
        faults.append(f"{links} {'are' if len(pair.missing) > 1 else 'is'} missing")
    if pair.extra.powers:
        name = _link(pair.instead, pair.extra) if pair.instead else f"the factor {_text(pair.extra)}"
        stead = "their place" if len(pair.missing) > 1 else "its place"
        faults.append(f"{name} stands in {stead}" if pair.missing else f"{name} is too much")
    if pair.ratio == -1:
        faults.append("the sign is wrong")
    elif pair.ratio != 1:
        faults.append(f"the number in front is {_number(pair.ratio)} times the right one")
    return f"in the term for {pair.way.text} {' and '.join(faults)}"


def _counts(pairs: Sequence[Pair]) -> str:
    """": w5 is used twice, w6 never" where one link stands for another."""
    twice, never = miscounted(pairs)
    names = {link: _text(lack) for pair in pairs for link, lack in pair.missing}
    names |= {pair.instead: _text(pair.extra) for pair in pairs if pair.instead}
    if not (twice and never and names.keys() >= {*twice, *never}):
        return ""
    more, less = (" and ".join(names[link] for link in links) for links in (twice, never))
    return f": {more} is used twice, {less} never"


def _link(link: Link, factors: Term) -> str:
    source, target = link
    return f"the link {target}/{source} ({_text(factors)})"


def _text(term: Term | None) -> str:
    return "" if term is None else str(term.expr).replace("**", "^").replace("*", "·")


def _number(number: sympy.Expr) -> str:
    return str(number) if number.q < 1000 else f"{float(number):.6g}"
