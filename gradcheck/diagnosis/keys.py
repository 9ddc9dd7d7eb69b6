"""What else a dict holds beside what is read of it: the key that was meant may stand nowhere in the function."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.places import Place, text_of

# As near as a constant of the file; a dict of more keys is data.
NEAR, MOST = 0.1, 80
NUMBER = re.compile(r"\d+")


def neighbours_of(place: Place, moments: Sequence[Moment]) -> dict[str, float]:
    """Text and cost of `k["ub"]` beside `k["ua"]`, and of `p["g%d" % l]` beside `p["f%d" % l]`, written so."""
    found = {}
    for node in (one for one in ast.walk(place.expr) if isinstance(one, ast.Subscript)):
        told = _word(node.slice) if isinstance(node.ctx, ast.Load) else None
        if told is None or not moments:
            continue
        word, hole = told
        old = text_of(place, node)
        for key in _keys(moments[0], ast.unparse(node.value)) if old.count(word) == 1 else ():
            new = NUMBER.sub(lambda _: hole, key, count=1) if hole else key  # noqa: B023
            if new != word and (not hole or hole in new):
                found[old.replace(word, new)] = NEAR
    return found


def _word(index: ast.expr) -> tuple[str, str] | None:
    """The letters of a key, and what stands in it for a number: ("W%d", "%d"); None where it is no such."""
    match index:
        case ast.Constant(str() as word):
            return word, ""
        case ast.BinOp(ast.Constant(str() as word), ast.Mod(), _) if "%d" in word:
            return word, "%d"
        case ast.JoinedStr([ast.Constant(str() as word), ast.FormattedValue() as value]):
            hole = f"{{{ast.unparse(value.value)}}}"
            return f"{word}{hole}", hole
    return None


def _keys(moment: Moment, holder: str) -> Iterator[str]:
    held: Any = moment.names.get(holder, moment.scope.get(holder))
    if isinstance(held, Mapping) and len(held) <= MOST:
        yield from dict.fromkeys(key for key in held if isinstance(key, str))
