"""A user's text on the bench: run with every site in our hands."""

import ast
import copy
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import FrameType, ModuleType
from typing import Any, TypeVar

import numpy as np

from gradcheck.diagnosis.instrumenting import WATCH, instrumented
from gradcheck.diagnosis.sites import Site, find_sites
from gradcheck.errors import GradcheckError, SubjectError
from gradcheck.program.modules import in_modules
from gradcheck.program.tops import keys_of
from gradcheck.results.arrays import Floats
from gradcheck.subject.blame import blamed
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.files import MODULE, Parse
from gradcheck.subject.reruns import run_text, run_tree

# What stands between the user's value and the rest of their program: (number of the site, value) -> value.
Hook = Callable[[int, Any], Any]
Point = Mapping[str, Floats]
T = TypeVar("T")
MEMORY = type(lru_cache(lambda: None))
# What a run with other values in it raises where they do not fit: no fault of ours.
UNFIT = (GradcheckError, ArithmeticError, ValueError, TypeError)


@dataclass(frozen=True, eq=False)
class Bench:
    """A case whose text was run with a hook at every value site.

    case: of the instrumented text; original: as the user has it. tree: of the plain text, in which `sites` stand.
    hooks: the hook that is on, as its last element; empty for none. is_plain: dicts of arrays in and out.
    """

    case: Case
    original: Case
    text: str
    path: str
    tree: ast.Module
    sites: tuple[Site, ...]
    hooks: list[Hook]
    is_plain: bool = False


@dataclass(frozen=True, eq=False)
class Moment:
    """One execution of a site: the names it saw (arrays copied), and the value it had."""

    scope: dict[str, Any]
    names: dict[str, Any]
    value: Any

    @cached_property
    def whole(self) -> dict[str, Any]:
        """Local names and global ones in one, as a comprehension has to find them."""
        return {**self.scope, **self.names}

    def evaluate(self, code: Any) -> Any:
        """The value that an expression (text, or code of mode "eval") has there; raises what it raises."""
        return eval(code, self.scope, dict(self.names))


def make_bench(case: Case) -> Bench:
    """The bench of a case with a text; raises SubjectError where it has none, and what the text raises."""
    if case.origin is None:
        raise SubjectError("the source of these functions is not at hand: check their file to have a diagnosis")
    path, text, hooks = case.subject.path or "", case.origin.text, list[Hook]()
    tree, sites, keys = _read(case.origin.parse, text, path)

    def watch(number: int, value: Any) -> Any:
        return hooks[-1](number, value) if hooks else value

    with instrumented(tree, sites):
        module = _without_memory(run_tree(case, tree, {WATCH: watch}, keys))
    return Bench(case.origin.remake(module), case, text, path, tree, sites, hooks, _is_plain(case))


def _without_memory(module: ModuleType) -> ModuleType:
    """The module with its functions run each time that they are called: what remembers its answers hears no hook."""
    for home in (module, *(one for one in vars(module).values() if isinstance(one, type))):
        if home is module or home.__module__ == MODULE:
            for name, value in list(vars(home).items()):
                if isinstance(value, MEMORY):
                    setattr(home, name, value.__wrapped__)
    return module


@lru_cache(maxsize=16)  # what is known of a tree serves all benches of its text
def _read(parse: Parse, text: str, path: str) -> tuple[ast.Module, tuple[Site, ...], Sequence[str | None]]:
    tree = parse(text, path)
    return tree, find_sites(tree, text), keys_of(tree.body)


def changed_case(case: Case, text: str) -> Case:
    """The same case with another text; raises SyntaxError, SubjectError, and what the text raises."""
    module = run_text(case, text)
    assert case.origin is not None
    return case.origin.remake(module)


def restated_case(case: Case, text: str) -> Case | None:
    """The same with that text as its own, to go on from; None where the text cannot be run."""
    try:
        changed = changed_case(case, text)
    except Exception:  # whatever the user's module raises
        return None
    if changed.origin is None or case.origin is None:
        return None
    return replace(changed, origin=replace(changed.origin, text=text, top=case.origin.top))


def loss_of(bench: Bench, point: Point, hook: Hook | None = None) -> float:
    """The loss with a hook in the loss function; raises UserCodeError for whatever the code raises."""
    return _under(bench, hook, lambda: loss_at(bench.case, point))


def gradients_of(bench: Bench, point: Point, hook: Hook | None = None) -> dict[str, Any]:
    """The gradient as the user's code returned it, by name, with a hook in it; raises UserCodeError."""
    own = _plain_gradient if bench.is_plain else _any_gradient
    return _under(bench, hook, lambda: own(bench.case, point))


def gradient_of(case: Case, point: Point) -> dict[str, Any]:
    """A case's gradient as it was returned, by name, in float64; raises UserCodeError."""
    return _plain_gradient(case, point) if _is_plain(case) else _any_gradient(case, point)


def _any_gradient(case: Case, point: Point) -> dict[str, Any]:
    return gradient_at(case, point, upcast=True)


def _plain_gradient(case: Case, point: Point) -> dict[str, Any]:
    """The same for a dict of arrays, which stands for itself: a diagnosis calls it some thousand times."""
    case.calls["grad"] += 1
    function = case.functions.grad or case.functions.loss
    try:
        with np.errstate(all="ignore"), in_modules(case.home):
            given = {name: _own(array, case.given[name]) for name, array in point.items()}
            found = function(*case.functions.args, **given, **case.functions.kwargs or {})
    except (Exception, SystemExit) as error:
        raise blamed(error, case.subject.path or case.subject.grad, f"calling {case.subject.grad}") from None
    packed = case.form.pack_gradient(found, case.given)
    return {str(name): value for name, value in packed.items() if value is not None}


def _own(array: Floats, given: Any) -> Any:
    """A parameter as the user's code gets it: a float is no array, which `s = w; s += 1` would change in its place."""
    return float(array) if type(given) is float else array.copy()


def _is_plain(case: Case) -> bool:
    """Are the parameters a dict of float64 arrays and floats, and the gradient a function of its own?"""
    given = case.given
    return (
        case.form.kind == "dict"
        and case.functions.grad is not None
        and set(given) == set(case.at.arrays)
        and all(type(a) is float or (type(a) is np.ndarray and a.dtype == np.float64) for a in given.values())
    )


def moments_of(bench: Bench, point: Point, number: int, hook: Hook | None = None) -> list[Moment]:
    """Every execution of a site in the gradient's run, in their order; hook: what else is done to the values."""
    found: list[Moment] = []

    def recording(site: int, value: Any) -> Any:
        if site == number:
            frame = sys._getframe(2)
            found.append(Moment(frame.f_globals, _names_in(frame), copied(value)))
        return value if hook is None else hook(site, value)

    gradients_of(bench, point, recording)
    return found


def copied(value: Any, seen: tuple[int, ...] = ()) -> Any:
    """The value with its arrays copied, also those in lists, tuples, dicts and objects of the user's own classes.

    What later statements do to them stays out. seen: the objects around it, which are not entered again.
    """
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)([copied(one, seen) for one in value])
    if type(value) is dict:
        return {key: copied(one, seen) for key, one in value.items()}
    if type(value).__module__ != MODULE or id(value) in seen or not hasattr(value, "__dict__"):
        return value
    twin = copy.copy(value)
    twin.__dict__.update({name: copied(one, (*seen, id(value))) for name, one in value.__dict__.items()})
    return twin


def _under(bench: Bench, hook: Hook | None, run: Callable[[], T]) -> T:
    if hook is None:
        return run()
    bench.hooks.append(hook)
    try:
        return run()
    finally:
        bench.hooks.pop()


def _names_in(frame: FrameType) -> dict[str, Any]:
    """The local names of a frame; a comprehension or lambda sees those of the function around it too."""
    names = {name: copied(value) for name, value in frame.f_locals.items() if not name.startswith(".")}
    outer = frame.f_back
    is_inner = frame.f_code.co_name.startswith("<") and frame.f_code.co_name != "<module>"
    if is_inner and outer is not None and outer.f_code.co_filename == frame.f_code.co_filename:
        return _names_in(outer) | names
    return names
