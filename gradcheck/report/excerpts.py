"""What of a long derivation or formula fits on a page, and what is said of the rest."""

from dataclasses import dataclass

from gradcheck.results.derivations import Definition, Derivation, Path
from gradcheck.results.formulas import Call, Cases, Formula, Marked, Negative, Power, Product, Quotient, Sum

# A reader follows about a screen of definitions and two rows of paths; the page of `gradcheck derive` holds them all.
DEFINITIONS, PATHS = 24, 4
# Lines of a derivation in a notebook: the source example has 17.
LIGHT = 20
# Names and numbers in a formula: about three lines of the page.
LEAVES = 60


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The shown part of a derivation, paths with their numbers; how much is cut, and what the cut paths add up to."""

    derivation: Derivation
    definitions: tuple[Definition, ...]
    paths: tuple[tuple[int, Path], ...]
    deltas: tuple[Definition, ...]
    cut_definitions: int
    cut_paths: int
    cut_value: float
    cut_deltas: int
    whole: bool

    @property
    def is_light(self) -> bool:
        """Is it small enough for a notebook's cell?"""
        links = sum(len(path.factors) for _, path in self.paths)
        return len(self.definitions) + len(self.deltas) + links <= LIGHT


def excerpt_of(derivation: Derivation, *, whole: bool = False) -> Excerpt:
    """What fits on the page of a result: the heaviest paths, the deltas nearest the parameter; or the whole."""
    definitions = derivation.definitions if whole or len(derivation.definitions) <= DEFINITIONS else ()
    numbered = list(enumerate(derivation.paths, 1))
    heaviest = sorted(numbered, key=lambda pair: -abs(pair[1].value))[: len(numbered) if whole else PATHS]
    shown = {number for number, _ in heaviest}
    deltas = () if derivation.paths else derivation.deltas if whole else derivation.deltas[-DEFINITIONS:]
    return Excerpt(
        derivation=derivation,
        definitions=definitions,
        paths=tuple(pair for pair in numbered if pair[0] in shown),
        deltas=deltas,
        cut_definitions=len(derivation.definitions) - len(definitions),
        cut_paths=len(numbered) - len(shown),
        cut_value=sum(path.value for number, path in numbered if number not in shown),
        cut_deltas=0 if derivation.paths else len(derivation.deltas) - len(deltas),
        whole=whole,
    )


def is_short(formula: Formula | None) -> bool:
    """Can it be read on a page?"""
    return formula is not None and leaves_of(formula) <= LEAVES


def leaves_of(formula: Formula) -> int:
    """How many names and numbers a formula holds."""
    match formula:
        case Sum(parts) | Product(parts) | Call(_, parts):
            return sum(map(leaves_of, parts))
        case Quotient(first, second) | Power(first, second):
            return leaves_of(first) + leaves_of(second)
        case Negative(inner) | Marked(inner, _):
            return leaves_of(inner)
        case Cases(branches):
            return sum(leaves_of(value) for value, _ in branches)
    return 1
