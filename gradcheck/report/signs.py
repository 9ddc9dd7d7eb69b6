"""Signs for streams that hold no Unicode: the same words, written in ASCII."""

import re

from gradcheck.report.numbers import SUPERSCRIPTS

RAISED = re.compile("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
DIGITS = {chr(raised): chr(sign) for sign, raised in SUPERSCRIPTS.items() if chr(sign) != "−"}
SIGNS = {
    "✓": "ok",
    "✗": "X",
    "−": "-",
    "×": "x",
    "·": "*",
    "±": "+-",
    "∂": "d",
    "←": "<-",
    "→": "->",
    "…": "...",
    "—": "-",
    "’": "'",
    "“": '"',
    "”": '"',
}


def to_ascii_signs(text: str) -> str:
    """`1.4 x 10^-16` for `1.4 × 10⁻¹⁶`; whatever has no sign of its own in ASCII becomes a question mark."""
    flat = RAISED.sub(lambda found: "10^" + "".join(DIGITS[digit] for digit in found[1]), text)
    plain = "".join(SIGNS.get(sign, sign) for sign in flat)
    return plain.encode("ascii", "replace").decode("ascii")
