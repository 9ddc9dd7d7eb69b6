"""What a backward statement should say, derived from the forward statements of the user's own loss."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Bench, Moment
from gradcheck.diagnosis.branches import slopes_in
from gradcheck.diagnosis.inlining import inlined
from gradcheck.diagnosis.pools import Named, evaluate, is_number, values_at
from gradcheck.diagnosis.projections import projections
from gradcheck.diagnosis.pullbacks import Shape, pull_back
from gradcheck.diagnosis.purity import is_pure, pure_functions
from gradcheck.diagnosis.roles import role_of_target
from gradcheck.diagnosis.shares import ONE, shares_in
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.workplaces import Workplace

# What is derived from a forward statement costs more the less its names tell: both ends, one, or none.
NAMED, HALF, UNNAMED, PROJECTED = 0.2, 0.5, 0.9, 0.6
# So many of the values in scope may be an adjoint, so many derived expressions are looked at.
COTANGENTS, MOST = 12, 250
# What stands for each of them until then: all send back the same.
BAR = "__bar__"
# Where an activation of the file's own is looked at, and how well it has to fit.
LOOKED_AT, SAME = np.array([-2.3, -0.7, -0.01, 0.4, 1.9]), 1e-12
ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "tanh": np.tanh,
    "relu": lambda u: np.maximum(u, 0),
    "softplus": lambda u: np.log1p(np.exp(u)),
    "exp": np.exp,
}


@dataclass(frozen=True, eq=False)
class Forward:
    """A statement of the loss, and what else its names are called by an instance that keeps them.

    is_part: it is what stands inside of one, and has no name.
    """

    target: str
    expr: ast.expr
    kept: Mapping[str, str]
    function: str
    is_part: bool = False


def derived_at(bench: Bench, workplace: Workplace, forward: Collection[int]) -> list[Named]:
    """The derivatives that the forward statements say may stand there, with their values; the likeliest first.

    forward: numbers of the sites that the loss depends on.
    """
    found: dict[str, float] = {}
    for text, cost in _texts(bench, workplace, forward):
        found[text] = min(cost, found.get(text, cost))
        if len(found) == MOST:
            break
    told = ((text, cost, values_at(workplace.moments, text)) for text, cost in sorted(found.items(), key=_cost))
    return [Named(text, values, cost) for text, cost, values in told if values is not None]


def _cost(item: tuple[str, float]) -> float:
    return item[1]


def _texts(bench: Bench, workplace: Workplace, forward: Collection[int]) -> Iterator[tuple[str, float]]:
    plain = [named for named in workplace.pool if _is_plain(named.text)]
    shares = _shares(bench, frozenset(forward))
    for statement in statements_of(bench, frozenset(forward)):
        share = shares.get(statement.target) if statement.function == bench.original.subject.loss else None
        yield from _pulled(workplace, statement, plain, None if statement.is_part else share)
        yield from _slopes(workplace, statement)
    yield from ((text, PROJECTED) for text in projections(plain))


@lru_cache(maxsize=16)
def _shares(bench: Bench, forward: frozenset[int]) -> Mapping[str, str]:
    """What the scalar parts of the loss are multiplied with in it."""
    loss, told = bench.original.subject.loss, statements_of(bench, forward)
    return shares_in([(one.target, one.expr) for one in told if one.function == loss and not one.is_part])


def _pulled(
    workplace: Workplace, statement: Forward, plain: Sequence[Named], share: str | None
) -> Iterator[tuple[str, float]]:
    """What a statement sends back to each that it reads, from every value in scope that may be its adjoint.

    share: what a scalar part of the loss is multiplied with in it.
    """
    first, target = workplace.moments[0], workplace.angel.site.target or ""
    expr = in_scope(statement, first)
    if expr is None:
        return
    shape = np.shape(evaluate(first, _code(expr)))
    result = result_of(statement, expr, workplace.moments)
    sent: dict[str, list[tuple[str, str]]] = {}
    if share is not None and not shape:
        for read, back in _sent_back(expr, share, result, first):
            yield back.replace(f"{ONE} * ", ""), (HALF, NAMED)[role_of_target(target, {read}) is not None]
    for named in _cotangents(statement.target, plain, shape):
        is_named = role_of_target(named.text, {statement.target}) is not None
        bar = named.text if named.text.endswith(".T") else BAR  # a transpose of that is none
        if bar not in sent:
            sent[bar] = list(_sent_back(expr, bar, result, first))
        for read, back in sent[bar]:
            told = is_named + (role_of_target(target, {read}) is not None)
            yield back.replace(BAR, named.text), (UNNAMED, HALF, NAMED)[told]


def _sent_back(expr: ast.expr, bar: str, result: ast.expr, moment: Moment) -> Iterator[tuple[str, str]]:
    """(what was read, what comes back to it) for an adjoint of that text."""
    cotangent = ast.parse(bar, mode="eval").body
    try:
        for read, back in pull_back(
            expr, cotangent, result, lambda node: shape_at(moment, node), kinds_in(moment, expr)
        ):
            yield read, ast.unparse(back)
    except Exception:  # whatever the expression raises where it does not belong
        return


def _slopes(workplace: Workplace, statement: Forward) -> Iterator[tuple[str, float]]:
    """The slopes of its branched formulas."""
    first = workplace.moments[0]
    expr = in_scope(statement, first)
    if expr is not None:
        slopes = slopes_in(expr, lambda node: shape_at(first, node), kinds_in(first, expr))
        yield from ((ast.unparse(slope), HALF) for slope in slopes)


def _cotangents(target: str, plain: Sequence[Named], shape: Shape) -> list[Named]:
    """The values of a shape, those first that are named as the gradient of a name."""
    fitting = [named for named in plain if np.shape(named.values[0]) == shape and named.text != target]
    return sorted(fitting, key=lambda one: (role_of_target(one.text, {target}) is None, one.cost))[:COTANGENTS]


def in_scope(statement: Forward, moment: Moment) -> ast.expr | None:
    """The statement's expression as it can be read at a moment; None where it cannot."""
    for expr in (statement.expr, _Renamed(statement.kept).visit(_copied(statement.expr))):
        try:
            if is_number(evaluate(moment, _code(expr))):
                return expr
        except Exception:
            continue
    return None


def result_of(statement: Forward, expr: ast.expr, moments: Sequence[Moment]) -> ast.expr:
    """The name of the statement's own value, where it is in scope and has it."""
    wanted = values_at(moments, ast.unparse(expr))
    for name in (statement.target, statement.kept.get(statement.target)):
        had = values_at(moments, name) if name else None
        if name and had is not None and wanted is not None and all(map(_equal, had, wanted)):
            return ast.parse(name, mode="eval").body
    return expr


def _equal(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and bool(np.allclose(one, other, rtol=SAME, atol=0))


def shape_at(moment: Moment, node: ast.expr) -> Shape:
    """The shape of an expression's value at a moment; raises what it raises."""
    return np.shape(evaluate(moment, _code(node)))


def _code(node: ast.expr) -> Any:
    return compile(ast.unparse(node), "<forward>", "eval")


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


def _is_plain(text: str) -> bool:
    """A name, an attribute, an entry: no formula."""
    return all(isinstance(part, PLAIN) for part in ast.walk(ast.parse(text, mode="eval").body))


PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.Slice, ast.Constant, ast.expr_context)


def kinds_in(moment: Moment, expr: ast.expr) -> dict[str, str]:
    """Which of the activations the functions that an expression calls are, by what they give."""
    names = {node.func.id for node in ast.walk(expr) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    held = {name: moment.whole.get(name) for name in names}
    return {name: kind for name, function in held.items() if (kind := _kind_of(function)) is not None}


def _kind_of(function: Any) -> str | None:
    for kind, formula in ACTIVATIONS.items():
        try:
            with np.errstate(all="ignore"):
                given = np.asarray(function(LOOKED_AT.copy()), dtype=float)
        except Exception:
            return None
        if given.shape == LOOKED_AT.shape and np.allclose(given, formula(LOOKED_AT), rtol=SAME, atol=SAME):
            return kind
    return None


@lru_cache(maxsize=16)
def statements_of(bench: Bench, forward: frozenset[int]) -> tuple[Forward, ...]:
    """The values that the loss depends on, by the names they are assigned to; what is returned has none."""
    kept, pure = _kept_in(bench.tree), pure_functions(bench.tree)
    made = [site for site in bench.sites if site.number in forward and _makes(site) and is_pure(site.expr, pure)]
    found = [
        Forward(site.target or "", expr, kept, site.function)
        for site in made
        for added in (_added(site.expr, site.target),)
        for expr in {ast.unparse(one): one for one in (added, inlined(added, bench.tree))}.values()
    ]
    return *found, *(Forward("", one, kept, site.function, is_part=True) for site in made for one in _inside(site.expr))


def _makes(site: Site) -> bool:
    """Does it give a value, or add to one?"""
    is_sum = isinstance(site.statement, ast.AugAssign) and isinstance(site.statement.op, ast.Add)
    return site.kind in ("assign", "return") or (site.kind == "augment" and is_sum)


def _added(expr: ast.expr, target: str | None) -> ast.expr:
    """What a statement adds to its own target: the `u + v` of `total = total + u + v`; else the expression."""
    match expr:
        case ast.BinOp(ast.Name(name), ast.Add(), right) if name == target:
            return right
        case ast.BinOp(left, (ast.Add() | ast.Sub()) as sign, right):
            return ast.BinOp(_added(left, target), sign, right)
    return expr


def _inside(expr: ast.expr) -> Iterator[ast.expr]:
    """What an activation gets that has no name of its own: the `W @ x + U @ h` of `np.tanh(W @ x + U @ h)`."""
    calls = (node for node in ast.walk(expr) if isinstance(node, ast.Call) and len(node.args) == 1)
    return (call.args[0] for call in calls if isinstance(call.args[0], ast.BinOp) and not call.keywords)


def _kept_in(tree: ast.Module) -> dict[str, str]:
    """Names that an instance keeps for later: `self.x = x`."""
    return {
        statement.value.id: ast.unparse(target)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)
        for target in statement.targets
        if isinstance(target, ast.Attribute)
    }


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.names.get(node.id, node.id), mode="eval").body
