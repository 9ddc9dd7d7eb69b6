"""A file in which some values of the backward pass are right by force: what else is wrong is then a fault alone.

The text itself is changed, `e` to `given(e)` at each cut, so that every search through changed texts can go on there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from types import ModuleType
from typing import Any

from gradcheck.diagnosis.benches import Bench, Point, restated_case
from gradcheck.diagnosis.cuts import Cut, giving
from gradcheck.diagnosis.edits import Swap, apply_swaps, read_source, stretch
from gradcheck.diagnosis.values import numbers_in
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case

GIVEN, END = "__gradcheck_given_{}__(", ", __gradcheck_end__)"
MARKS = re.compile(r"__gradcheck_given_\d+__\(|, __gradcheck_end__\)")
# What tells one point from another: the numbers that the gradient is called with.
Key = tuple[bytes, ...]
# By point and number of a site, what it gives.
Values = Mapping[Key, Mapping[int, Sequence[Floats]]]


def feigned(bench: Bench, cuts: Sequence[tuple[Point, Sequence[Cut]]]) -> Case | None:
    """The case of a bench with these cuts at each point; None where it cannot be run so.

    At other points everything is as it was.
    """
    case = bench.original
    values = {_key_at(case, point): {one.site.number: one.values for one in some} for point, some in cuts}
    if len(values) < len(cuts) or case.origin is None:
        return None
    remake, source, swaps = case.origin.remake, read_source(bench.text), list[Swap]()
    for cut in cuts[0][1]:
        start, end = stretch(source, cut.site.expr)
        swaps += [Swap(start, start, GIVEN.format(cut.site.number)), Swap(end, end, END)]

    def made(module: ModuleType) -> Case:
        return replace(_forced(remake(module), module, values), origin=origin)

    origin = replace(case.origin, text=apply_swaps(bench.text, swaps), remake=made)
    return restated_case(replace(case, origin=origin), origin.text)


def unfeigned(text: str) -> str:
    """A text without the marks of the cuts."""
    return MARKS.sub("", text)


def is_marked(text: str) -> bool:
    """Does a text hold a mark of a cut?"""
    return MARKS.search(text) is not None


def _forced(case: Case, module: ModuleType, values: Values) -> Case:
    """The case whose gradient gives the cut sites their values, execution by execution."""
    hooks = [giving({})]

    def given(number: int) -> Callable[[Any, Any], Any]:
        return lambda value, _: hooks[-1](number, value)

    numbers = {number for some in values.values() for number in some}
    module.__dict__.update({GIVEN.format(number)[:-1]: given(number) for number in numbers}, __gradcheck_end__=None)
    function = case.functions.grad or case.functions.loss

    @wraps(function)
    def forced(*args: Any, **kwargs: Any) -> Any:
        hooks[:] = [giving(values.get(_key(args, kwargs), {}))]
        return function(*args, **kwargs)

    functions = case.functions
    both = replace(functions, loss=forced) if functions.grad is None else replace(functions, grad=forced)
    return replace(case, functions=both)


def _key_at(case: Case, point: Point) -> Key:
    args, kwargs = case.functions.args, case.functions.kwargs or {}
    bound = case.form.bind(len, case.at.build(point), args, kwargs)
    return _key(bound.args, bound.keywords)  # type: ignore[attr-defined]


def _key(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Key:
    return tuple(sorted(one.tobytes() for one in numbers_in([*args, *kwargs.values()])))
