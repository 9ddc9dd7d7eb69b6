"""Numbers as they should be read: −1.267203, 1.4 × 10⁻¹⁶, 118 %."""

import math

SUPERSCRIPTS = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# The range in which six decimals show at least two significant digits and no more than five stand before the point.
PLAIN = (1e-4, 1e5)
# Longer numbers were drawn or computed, not typed: nobody reads all 17 digits of them.
TYPED = 9


def value(x: float | None) -> str:
    """A gradient's entry: six decimals, or a power of ten where six decimals would hide it; empty for None."""
    if x is None:
        return ""
    if not math.isfinite(x):
        return special(x)
    if x == 0 or PLAIN[0] <= abs(x) < PLAIN[1]:
        return minus(f"{x:.6f}") if x else "0"
    return scientific(x, 5)


def short(x: float) -> str:
    """A coordinate or a node's number: up to four significant digits, no zeros at the end."""
    if not math.isfinite(x):
        return special(x)
    if x == 0 or PLAIN[0] <= abs(x) < PLAIN[1]:
        return minus(f"{x:.4g}") if abs(x) < 1e4 else minus(f"{x:.0f}")
    return scientific(x, 1)


def coordinate(x: float) -> str:
    """A number of a point: as it was typed where that is short, else six significant digits."""
    if not math.isfinite(x):
        return special(x)
    typed = repr(float(x)).removesuffix(".0")
    return minus(typed if len(typed) <= TYPED else f"{x:.6g}")


def relative(x: float, wrong: bool = False) -> str:
    """A relative error: in per cent where it is large, or wrong and visible, else as a power of ten; 0 is 0."""
    if math.isnan(x) or math.isinf(x):
        return special(x)
    if x == 0:
        return "0"
    if x >= (1e-4 if wrong else 1e-2):
        return f"{100 * x:.3g} %" if x < 10 else f"{100 * x:,.0f} %"
    return scientific(x, 1)


def bound(x: float) -> str:
    """An error bar: one digit, rounded up, because a bar must not shrink in print."""
    if not math.isfinite(x) or x == 0:
        return "0" if x == 0 else special(x)
    power = math.floor(math.log10(abs(x)))
    digit = math.ceil(round(abs(x) / 10.0**power, 9))
    if power == 0:
        return str(digit)
    return f"10{superscript(power + 1)}" if digit == 10 else f"{digit} × 10{superscript(power)}"


def scientific(x: float, digits: int) -> str:
    """`1.4 × 10⁻¹⁶` with that many digits after the point."""
    mantissa, power = f"{x:.{digits}e}".split("e")
    return f"{minus(mantissa)} × 10{superscript(int(power))}"


def superscript(n: int) -> str:
    """⁻¹⁶"""
    return str(n).translate(SUPERSCRIPTS)


def minus(text: str) -> str:
    """The text with the minus sign in place of the hyphen."""
    return text.replace("-", "−")


def special(x: float) -> str:
    """nan, inf and −inf in words."""
    return "not a number" if math.isnan(x) else "infinite" if x > 0 else "−infinite"


def count(n: int, noun: str) -> str:
    """`1 gradient`, `8 gradients`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def every(n: int, noun: str) -> str:
    """`the gradient`, `both gradients`, `all 8 gradients`."""
    return f"the {noun}" if n == 1 else f"both {noun}s" if n == 2 else f"all {count(n, noun)}"


def listed(words: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""
