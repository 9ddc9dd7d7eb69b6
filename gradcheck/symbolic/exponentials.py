"""Exponentials written by the name of the value that holds them: sigmoid' = a·(1 - a), not exp(-z)/(1 + exp(-z))²."""

from functools import lru_cache
from math import gcd

import sympy

GENERATOR = sympy.Dummy("g", real=True)


def exponential_of(definition: sympy.Expr, name: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr] | None:
    """(E, E over the name) where a definition is a Moebius function (αE + β)/(γE + δ) of one exponential E, else None.

    Sigmoid a = 1/(1 + E), E = exp(-z): returns (exp(-z), (1 - a)/a). α to δ are numbers: a formula there might be 0.
    """
    powers = _powers(definition)
    if powers is None:
        return None
    unit, exponents = powers
    fraction = _fraction(definition, exponents) if _alone(definition, exponents) else None
    if fraction is None:
        return None
    top, bottom = fraction
    step = gcd(*(power for part in (top, bottom) for (power,) in part.monoms()))
    if step == 0 or max(top.degree(), bottom.degree()) != step:
        return None
    alpha, beta, gamma, delta = (part.coeff_monomial(GENERATOR**k) for part in (top, bottom) for k in (step, 0))
    return sympy.exp(step * unit), (delta * name - beta) / (alpha - gamma * name)


def over_name(definition: sympy.Expr, source: sympy.Symbol, name: sympy.Symbol | None) -> sympy.Expr:
    """SymPy's partial of a definition by a source, over the name of its value where it has one and that is shorter."""
    solved = None if name is None else exponential_of(definition, name)
    if solved is not None:
        # With E = exp(u) solved as E(a): ∂a/∂u = E/(dE/da), one variable only, however long u is.
        exponential, inverse = solved
        by_exponent = sympy.factor(inverse / sympy.diff(inverse, name))
        return tidy(by_exponent * sympy.diff(exponential.args[0], source))
    partial = sympy.diff(definition, source)
    if name is not None and isinstance(definition, sympy.log) and len(definition.atoms(sympy.exp)) > 1:
        # The inner sum is exp(name): the softmax becomes exp(z - logsumexp).
        return sympy.powsimp(partial.xreplace({definition.args[0]: sympy.exp(name)}), combine="exp")
    if definition.is_Pow:
        # x**(w - 1), not x**w/x: that has no value at x = 0.
        return sympy.powsimp(partial, combine="exp") if definition.exp.free_symbols else partial
    return logistic(partial if name is None else partial.xreplace({definition: name}))


def eliminate(expr: sympy.Expr, exponential: sympy.Expr, inverse: sympy.Expr) -> sympy.Expr:
    """The expression with every whole power of the exponential replaced by powers of its inverse, factored."""
    powers = _powers(expr)
    if powers is None:
        return expr
    step = exponential.args[0] / powers[0]
    if not step.is_Integer or step == 0:
        return expr
    fraction = _fraction(expr, powers[1])
    if fraction is None or any(power % step for part in fraction for (power,) in part.monoms()):
        return expr
    over = [sympy.Add(*(c * inverse ** (power // step) for (power,), c in part.terms())) for part in fraction]
    return tidy(sympy.factor(over[0] / over[1]))


def logistic(expr: sympy.Expr) -> sympy.Expr:
    """The factor exp(z)/(1 + exp(z)) as 1/(1 + exp(-z)); anything else as it is."""
    powers = _powers(expr)
    if powers is None or not isinstance(expr, sympy.Mul):
        return expr
    others, factor = expr.as_independent(*powers[1], as_Add=False)
    fraction = _fraction(factor, powers[1]) if _alone(factor, powers[1]) else None
    if fraction is None:
        return expr
    top, bottom = fraction
    degree = bottom.degree()
    if degree < 1 or len(top.terms()) != 1 or top.degree() != degree:
        return expr
    below = sympy.Add(*(c * sympy.exp((power - degree) * powers[0]) for (power,), c in bottom.terms()))
    return others * top.LC() / below


def tidy(product: sympy.Expr) -> sympy.Expr:
    """-a·(a - 1) as a·(1 - a): a minus before a product goes into the first factor whose constant is negative."""
    factors = list(sympy.Mul.make_args(product))
    for place, factor in enumerate(factors):
        if product.could_extract_minus_sign() and factor.is_Add and factor.as_coeff_Add()[0].is_negative:
            return sympy.Mul(-1, *factors[:place], *factors[place + 1 :]) * sympy.Add(*(-term for term in factor.args))
    return product


def _powers(expr: sympy.Expr) -> tuple[sympy.Expr, dict[sympy.Expr, int]] | None:
    """(u, {exp(ku): k}) where all exponentials are whole powers of one exp(u); None where not, or for none."""
    found = {}
    for part in expr.atoms(sympy.exp, sympy.tanh, sympy.sinh, sympy.cosh):
        found[part] = part.args[0]
    if not found or any(not isinstance(part, sympy.exp) for part in found):
        return None
    arguments = sorted(found.values(), key=sympy.default_sort_key)
    ratios = [argument / arguments[0] for argument in arguments]
    if not all(ratio.is_Rational for ratio in ratios):
        return None
    unit = sympy.gcd_list([abs(ratio) for ratio in ratios])
    return unit * arguments[0], {part: int(part.args[0] / arguments[0] / unit) for part in found}


def _alone(expr: sympy.Expr, exponents: dict[sympy.Expr, int]) -> bool:
    """Whether nothing varies beside the exponentials: one variable, so that polynomials stay cheap."""
    return bool(_rational(expr, exponents).free_symbols == {GENERATOR})


def _rational(expr: sympy.Expr, exponents: dict[sympy.Expr, int]) -> sympy.Expr:
    return expr.xreplace({part: GENERATOR**k for part, k in exponents.items()})


def _fraction(expr: sympy.Expr, exponents: dict[sympy.Expr, int]) -> tuple[sympy.Poly, sympy.Poly] | None:
    """(above, below) as polynomials in the one exponential; None where it is no rational function of that."""
    return _fraction_of(_rational(expr, exponents))


@lru_cache(maxsize=4096)  # all sigmoids are 1/(1 + g)
def _fraction_of(rational: sympy.Expr) -> tuple[sympy.Poly, sympy.Poly] | None:
    if not rational.is_rational_function(GENERATOR):
        return None
    top, bottom = sympy.fraction(sympy.cancel(sympy.together(rational)))
    return sympy.Poly(top, GENERATOR), sympy.Poly(bottom, GENERATOR)
