"""A text of a file with its cuts: what holds for all texts of the file, and what shows where the cuts are right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.benches import make_bench
from gradcheck.diagnosis.cuts import Cut
from gradcheck.diagnosis.cutting import cuts_in
from gradcheck.diagnosis.searches import Search, search_of
from gradcheck.diagnosis.stepwise import Mended
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.witnesses import Court, Hearing, court_at, hear
from gradcheck.subject.cases import Case

APART = "one of several faults: its value should come from {role}"


@dataclass(frozen=True, eq=False)
class Matter:
    """What holds for every text of a file.

    truths: with the derivatives of the loss there, at one point or two. functions: that may be changed. holds: is a
    text right everywhere? finish: the one change of a case that is left, by a deadline; single:
    the same of a case with cuts, right at these truths alone. seconds: of CPU for one run.
    """

    truths: tuple[tuple[Truth, Adjoints], ...]
    functions: frozenset[str]
    holds: Callable[[str], bool]
    finish: Callable[[Case, float], Mended | None]
    single: Callable[[Case, Sequence[Truth], float], Mended | None]
    seconds: float


@dataclass(frozen=True, eq=False)
class Severed:
    """A text with its cuts. base: what is heard without them, heard: with all of them."""

    search: Search
    court: Court
    cuts: tuple[Cut, ...]
    base: Hearing
    heard: Hearing

    @property
    def left(self) -> frozenset[str]:
        """The gradients that are wrong with the cuts."""
        return frozenset(self.court.outputs.names) - self.heard.names

    @property
    def faults(self) -> int:
        """How many there are at least."""
        return len(self.cuts) + bool(self.left)

    @property
    def told(self) -> dict[int, str]:
        """The line of each cut, with what its value should be."""
        roles = self.court.known.every if self.court.known else ()
        return {cut.site.statement.lineno: APART.format(role=roles[cut.purpose.role].words) for cut in self.cuts}


def sever(matter: Matter, case: Case, deadline: float) -> Severed | None:
    """The text of a case with its cuts; None where it does not run."""
    bench = make_bench(case)
    truth, known = matter.truths[0]
    court = court_at(bench, truth, known, matter.functions)
    base = hear(court)
    if base is None:
        return None
    cuts, heard = cuts_in(court, base, deadline)
    truths = [one for one, _ in matter.truths]
    search = search_of(bench, truths, deadline, matter.seconds, matter.functions)
    return Severed(search, court, tuple(cuts), base, heard)
