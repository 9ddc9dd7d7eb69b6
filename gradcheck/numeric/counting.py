"""About how many entries are wrong, where there are too many to name them: random descents of the bisection's tree.

A descent goes from the whole parameter to one entry. Where both halves of a block hold faults it takes one of them, by
chance in proportion to their sizes, and counts what it found there as that much more often; where one half does, it
takes that. The expected count at its end is the number of faulty entries, however they lie (Knuth, Estimating the
efficiency of backtrack programs, 1975); that several descents differ says how far it may be off.
"""

import numpy as np

from gradcheck.numeric.bisection import Fault, Mends, excess_in, halves, size_of
from gradcheck.numeric.lines import Block, Line, put_back
from gradcheck.numeric.probes import Field

# So many descents, which have their upper parts in common. Of 50 faults among 1,500 entries they told 49 +- 5 where
# those were strewn and 49 +- 10 where they were one row (30 draws each). The truth lay within 2.4 standard errors of
# their mean, Student's 95 % for 8, in 28 and in 25 draws.
DESCENTS, ERRORS = 8, 2.4
# A block holds a fault where its excess is that many error bars of the whole probe.
SEEN = 2.0


def count_faults(line: Line, field: Field, fault: Fault, name: str, mends: Mends, bar: float) -> list[float]:
    """What each descent says of the number of faulty entries of one parameter, those that are mended left out.

    bar: the error bar of the probe that the fault was seen by. 4 evaluations a halving.
    """
    put_back(line)
    random = np.random.default_rng(field.seed)
    exact = Fault(fault.along, fault.excess, None)
    known: dict[Block, float] = {}

    def excess_of(block: Block) -> float:
        if block not in known:
            known[block] = excess_in(line, field, exact, block, mends)
        return known[block]

    def descend() -> float:
        block: Block = ((name, 0, field.point[name].size),)
        excess, count = excess_of(block), 1.0
        while size_of(block) > 1:
            left, right = halves(block)
            on_left = excess_of(left)
            parts = [(left, on_left), (right, excess - on_left)]
            faulty = [part for part in parts if abs(part[1]) > SEEN * bar] or [
                max(parts, key=lambda part: abs(part[1]))
            ]
            sizes = np.array([size_of(part[0]) for part in faulty], dtype=np.float64)
            chosen = int(random.choice(len(faulty), p=sizes / sizes.sum()))
            count *= float(sizes.sum() / sizes[chosen])
            block, excess = faulty[chosen]
        return count

    return [descend() for _ in range(DESCENTS)]
