"""The factor to look at: the difference of two names that coincide where the fault hides."""

from collections.abc import Collection

from gradcheck.results.formulas import Formula, Marked, Name, Negative, Product, Sum


def marked_pairs(formula: Formula, equations: Collection[str]) -> Formula:
    """The formula with (w5 - w6) marked where "w5 = w6" is one of the equations."""
    match formula:
        case Product(factors):
            return Product(tuple(marked_pairs(factor, equations) for factor in factors))
        case Negative(inner):
            return Negative(marked_pairs(inner, equations))
        case Sum((Name(first), Negative(Name(second)))) if {f"{first} = {second}", f"{second} = {first}"} & {
            *equations
        }:
            return Marked(formula, "wrong")
    return formula
