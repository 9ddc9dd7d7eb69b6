"""Other statements of the function, said of other values: what was written for one gate or layer, not for the next.

`dx += (Wz.T @ dz)[2:]` says what is missing of r as well; a change of one letter throughout comes first, then any one
or two names by others of the same shape.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import heapify, heappop
from itertools import combinations, product

import numpy as np

from gradcheck.diagnosis.pools import Named, values_at
from gradcheck.diagnosis.purity import is_pure, pure_functions
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.workplaces import Workplace

# So many formulas are looked at, those that spell most alike first; what each further name costs.
MOST, RENAMED = 250, 0.3
# A formula of more names than this has too many to exchange.
NAMES = 6
HOLE = re.compile(r"__leaf(\d+)__")
# Pieces of text, and between them leaves: (text, the formula that this is itself).
Formula = tuple["str | tuple[str, Formula]", ...]
# A formula with what its leaves can be exchanged for.
Written = tuple[Formula, dict[str, list[str]]]
# Pieces of text, and between them the numbers of the leaves that are exchanged.
Mould = tuple[str | int, ...]


def analogies(workplace: Workplace, sites: Sequence[Site], tree: ast.Module, kindred: bool) -> list[Named]:
    """The right-hand sides of a function with some names exchanged, with their values.

    sites: of the function. Names are exchanged for others that have a value of the same shape at every moment.
    kindred: one letter, or part of a name, throughout; else any one or two names.
    """
    plain = {named.text: _shapes(named) for named in workplace.pool if _is_leaf(named.text)}
    pure, formulas = pure_functions(tree), list[Written]()
    for site in sites:
        if site.kind in ("assign", "augment") and is_pure(site.expr, pure):
            others = _others(site.expr, plain)
            formulas.append((_formula(ast.parse(ast.unparse(site.expr), mode="eval"), others), others))
    near = _kindred_texts(formulas) if kindred else _exchanged_texts(formulas)
    told = ((text, cost, values_at(workplace.moments, text)) for text, cost in near.items())
    return [Named(text, values, cost) for text, cost, values in told if values is not None]


def _kindred_texts(formulas: Sequence[Written]) -> dict[str, float]:
    """The shortest of the formulas in which one part of names is another throughout, with their costs."""
    texts = dict.fromkeys(_put(formula, swapped) for formula, others in formulas for swapped in _kindred(others))
    return dict.fromkeys(sorted(texts, key=len)[:MOST], RENAMED)


def _exchanged_texts(formulas: Sequence[Written]) -> dict[str, float]:
    """The formulas with one name exchanged, then those with two, the shortest first, with their costs.

    Of hundreds of thousands only so many are written as are looked at: how long each would be is known before.
    """
    found: dict[str, float] = {}
    for count in (1, 2):
        moulds = [(_mould(formula, chosen), choices) for formula, chosen, choices in _exchanges(formulas, count)]
        each = ((mould, new) for mould, choices in moulds for new in product(*choices))
        waiting = [(_length(mould, new), place, mould, new) for place, (mould, new) in enumerate(each)]
        heapify(waiting)
        while waiting and len(found) < MOST:
            _, _, mould, new = heappop(waiting)
            text = "".join(new[one] if isinstance(one, int) else one for one in mould)
            found.setdefault(text, 2 * RENAMED * count)
    return found


def _others(expr: ast.expr, plain: Mapping[str, tuple[tuple[int, ...], ...]]) -> dict[str, list[str]]:
    """By leaf of an expression, what else has such values."""
    leaves = dict.fromkeys(ast.unparse(node) for node in _leaves(expr))
    return {
        leaf: [one for one in plain if one != leaf and plain[one] == plain[leaf]] for leaf in leaves if leaf in plain
    }


def _kindred(others: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Wz and dz to Wr and dr: every change of letters, made in all names that it makes known ones of."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for leaf, names in others.items():
        for name in names:
            letters = _letters(leaf, name)
            if letters is not None:
                found.setdefault(letters, {})[leaf] = name
    yield from found.values()


def _exchanges(formulas: Sequence[Written], count: int) -> Iterator[tuple[Formula, tuple[str, ...], list[list[str]]]]:
    """(a formula, so many of its names, what each of these can be exchanged for); of formulas of many names none."""
    for formula, others in formulas:
        for chosen in combinations(others, count) if len(others) <= NAMES else ():
            yield formula, chosen, [others[leaf] for leaf in chosen]


def _letters(old: str, new: str) -> tuple[str, str] | None:
    """What differs in the middle of two names that begin or end alike; None where nothing is alike."""
    lead = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest, more = old[lead:][::-1], new[lead:][::-1]
    tail = next((i for i, (a, b) in enumerate(zip(rest, more, strict=False)) if a != b), min(len(rest), len(more)))
    return (old[lead : len(old) - tail], new[lead : len(new) - tail]) if lead + tail else None


def _leaves(node: ast.AST) -> Iterator[ast.expr]:
    """Names, attributes and entries, outermost first; no called function and no transpose."""
    if isinstance(node, ast.Call):
        inner = [*node.args, *(keyword.value for keyword in node.keywords)]
        inner += [node.func.value] if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value) else []
    elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and _is_leaf(ast.unparse(node)):
        yield node
        return
    else:
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    for child in inner:
        yield from _leaves(child)


def _is_leaf(text: str) -> bool:
    """A name, `self.W`, `hs[t]`: no transpose, no formula in its index."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.attr != "T" and not _is_module(node.value)
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name | ast.Attribute) and ":" not in text
    )


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


def _shapes(named: Named) -> tuple[tuple[int, ...], ...]:
    return tuple(np.shape(value) for value in named.values)


def _formula(node: ast.AST, leaves: Collection[str]) -> Formula:
    """A tree's text cut at its leaves: pieces of text, and between them each leaf with what is inside it."""
    cut = _Cut(leaves)
    parts = HOLE.split(ast.unparse(cut.generic_visit(node)))
    return tuple(cut.found[int(part)] if place % 2 else part for place, part in enumerate(parts))


def _put(formula: Formula, swapped: Mapping[str, str]) -> str:
    """The text with some leaves exchanged; what holds together still does, for one leaf stands for another."""
    return "".join(one if isinstance(one, str) else swapped.get(one[0]) or _put(one[1], swapped) for one in formula)


def _mould(formula: Formula, chosen: Sequence[str]) -> Mould:
    """The formula with a hole wherever one of the chosen leaves stands."""
    parts = ([one] if isinstance(one, str) else _hole(one, chosen) for one in formula)
    return tuple(part for some in parts for part in some)


def _hole(leaf: tuple[str, Formula], chosen: Sequence[str]) -> Mould:
    return (chosen.index(leaf[0]),) if leaf[0] in chosen else _mould(leaf[1], chosen)


def _length(mould: Mould, new: Sequence[str]) -> int:
    return sum(len(new[one]) if isinstance(one, int) else len(one) for one in mould)


class _Cut(ast.NodeTransformer):
    """Puts numbered holes in the place of the outermost leaves."""

    def __init__(self, leaves: Collection[str]) -> None:
        self.leaves = leaves
        self.found = list[tuple[str, Formula]]()

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            text = ast.unparse(node)
            if text in self.leaves:
                self.found.append((text, _formula(node, self.leaves)))
                return ast.Name(f"__leaf{len(self.found) - 1}__", ast.Load())
        return self.generic_visit(node)
