"""Names taken apart for print: `w5` is w with index 5, `W1[0,1]` is W with index 1 at place 0,1."""

import re
from dataclasses import dataclass

NAME = re.compile(r"(?P<stem>\D*?[^\W\d_])_?(?P<index>\d+(?:_\d+)*)(?P<place>\[[\d,\s]*\])?")


@dataclass(frozen=True, slots=True)
class NameParts:
    """stem: what is written; index: what stands below it, or empty; place: `0,1` of an array entry, or empty."""

    stem: str
    index: str = ""
    place: str = ""


def split_name(name: str) -> NameParts:
    """The parts of a name; a name without digits at its end is all stem.

    `w5` -> w, 5; `neth1_3` -> neth, 1,3 (third sample); `W[0,1]` -> W at 0,1; `hidden_size` -> itself.
    """
    if found := NAME.fullmatch(name):
        return NameParts(found["stem"], found["index"].replace("_", ","), (found["place"] or "").strip("[]"))
    stem, bracket, place = name.partition("[")
    return NameParts(stem, place=place.rstrip("]")) if bracket and name.endswith("]") else NameParts(name)
