"""When two losses, computed in two ways, are one."""

# One evaluation order against another: a traced loss may differ from the file's by a few roundings, not by more.
SAME_LOSS = 2.0**-40


def is_same(ours: float, given: float) -> bool:
    """Are two losses one value, but for the order in which they were rounded?"""
    both_nan = ours != ours and given != given
    return both_nan or ours == given or abs(ours - given) <= SAME_LOSS * max(abs(ours), abs(given))
