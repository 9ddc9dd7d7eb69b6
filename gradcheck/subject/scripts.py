"""A plain script as the functions loss(parameters) and grads(parameters), every statement in its place in the text."""

import ast
import copy
import pickle
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from gradcheck.errors import SubjectError, UsageError
from gradcheck.results.result import Subject
from gradcheck.subject.cases import Case, Functions, Origin, make_case
from gradcheck.subject.dataflow import base_of, read_first, reads, rebinds, slice_block, writes
from gradcheck.subject.draws import has_draws, remembering, repeating
from gradcheck.subject.files import Parse, SourceFile, load_file
from gradcheck.subject.iterations import Iteration, find_iteration, helpers_in, main_block, part_for
from gradcheck.subject.naming import LOSS_NAMES
from gradcheck.subject.objects import find_keeper, tree_of_object
from gradcheck.subject.planning import Plan, has_gradients, has_training, plan_script
from gradcheck.subject.points import is_point_file, read_point

# Calls that only make something new, so that it can be made again in every call of a function.
MAKERS = frozenset(
    {"zeros", "zeros_like", "ones", "ones_like", "empty", "empty_like", "full", "list", "dict", "set", "float"}
)
DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def is_script(tree: ast.Module, loss: str | None = None) -> bool:
    """Does a file define no loss function (of that name, if it is given), so that it is to be read as a script?"""
    block = main_block(tree)
    lambdas = [one for one in block if isinstance(one, ast.Assign) and isinstance(one.value, ast.Lambda)]
    callables = [*lambdas, *(one for one in block if isinstance(one, DEFINING))]
    known = set().union(*map(writes, callables))
    aliases = (one for one in block if isinstance(one, ast.Assign) and _is_alias(one.value, known))
    named = known.union(*map(writes, aliases))
    if named & ({loss} if loss else set(LOSS_NAMES)) or "*" in named:
        return False
    has_functions = any(not isinstance(one, ast.Import | ast.ImportFrom) for one in callables)
    return has_gradients(block) or (not has_functions and has_training(block))


def _is_alias(value: ast.expr, functions: Collection[str]) -> bool:
    """Another name of a function: `price`, `net.loss`, `partial(price, X)`."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in ("partial", "functools.partial")
    return isinstance(value, ast.Attribute) or (isinstance(value, ast.Name) and value.id in functions)


def case_of_script(
    path: str, text: str, loss: str | None = None, given: Mapping[str, str] | None = None, at: str | None = None
) -> Case:
    """The case of a script's first iteration at the parameters that it sets; nothing behind it runs.

    loss: its loss variable; given: parameter -> gradient variable or expression; at: a file with another point. Raises
    SubjectError and UsageError where it is not clear what is what, UserCodeError where its beginning raises.
    """
    if at is not None and not is_point_file(at):
        raise UsageError(
            f"--at {at}: {path} is read as a script, whose point is what it sets itself, or FILE.json or .npz"
        )
    plan = plan_script(ast.parse(text, path), path, loss, given)
    names = function_names(ast.parse(text, path))

    steps = _step_texts(ast.parse(text, path), plan)
    known: dict[str, bytes] = {}

    def parse(changed: str, filename: str) -> ast.Module:
        if changed not in known:  # one text is run many times over
            known[changed] = pickle.dumps(made(changed, filename))
        tree: ast.Module = pickle.loads(known[changed])
        return tree

    def made(changed: str, filename: str) -> ast.Module:
        tree = ast.parse(changed, filename)
        if changed != text and _step_texts(tree, plan) != steps:
            raise SubjectError("the steps of the parameters are changed: they are no part of the gradient")
        return tree_of(tree, plan, names)

    early = _early_steps(parse(text, path), plan)
    file = load_file(path, parse=parse)
    point = {name: copy.deepcopy(getattr(file.module, name)) for name in plan.gradients}
    if at is not None:
        point |= {name: value for name, value in read_point(at).items() if name in point}
    case = _case(file, names, point, parse)
    subject = replace(case.subject, script=plan.loss)
    return replace(case, subject=subject, notes=(_told(plan), *plan.notes, *early))


def case_of_object(path: str, text: str, loss: str | None = None) -> Case | None:
    """The case of a script whose parameters and gradients are kept by an object; None for one that has no such."""
    keeper = find_keeper(ast.parse(text, path), loss)
    if keeper is None:
        return None
    names = function_names(ast.parse(text, path))

    def parse(changed: str, filename: str) -> ast.Module:
        found = find_keeper(ast.parse(changed, filename), loss)
        if found is None or found.gradients != keeper.gradients:
            raise SubjectError("the object that keeps the gradients is another: that is no part of the gradient")
        return tree_of_object(found, names)

    file = load_file(path, parse=parse)
    held = vars(getattr(file.module, keeper.variable))
    point = {name: copy.deepcopy(held[name]) for name in keeper.gradients}
    pairs = ", ".join(f"{keeper.variable}.{name}: {keeper.variable}.{held}" for name, held in keeper.gradients.items())
    told = (
        f"read as a script: the loss is {keeper.loss}, one turn of the loop on line {keeper.line}; parameters and "
        f"gradients are kept by {keeper.variable}, a {keeper.kind}: {pairs}"
    )
    case = _case(file, names, point, parse)
    return replace(case, subject=replace(case.subject, script=keeper.loss), notes=(told,))


def function_names(tree: ast.Module) -> tuple[str, str]:
    """Names for the two functions that are none of the script's own functions and modules."""
    taken = set().union(*(writes(one) for one in main_block(tree) if isinstance(one, DEFINING)))
    return ("loss_of_script", "grads_of_script") if taken & {"loss", "grads"} else ("loss", "grads")


def tree_of(tree: ast.Module, plan: Plan, names: tuple[str, str]) -> ast.Module:
    """The module with the script's setup, and one iteration of it as two functions; raises SubjectError."""
    iteration = find_iteration(main_block(tree), plan.movable, plan.variables)
    body = [*helpers_in(iteration, plan.gradients), *iteration.body]
    held = {name: ast.parse(gradient, mode="eval").body for name, gradient in plan.gradients.items()}
    made = set().union(*map(reads, held.values())) & set().union(*map(writes, body)) - set(held)
    gradients = ast.Dict([ast.Constant(name) for name in held], list(held.values()))
    parts = (
        (names[0], part_for(body, {plan.loss}, plan.gradients)[0], ast.Name(plan.loss, ast.Load())),
        (names[1], part_for(body, made, ())[0], gradients),
    )
    functions = [_function(name, part, value, iteration, plan) for name, part, value in parts]
    needed = _needed_by(iteration.setup, set(plan.gradients).union(*map(reads, functions)))
    setup = [copy.deepcopy(one) for one in iteration.setup if not _is_idle(one, needed)]
    if has_draws(body):
        setup += _made(remembering(), body[0])
        for function in functions:
            function.body[:0] = _made([repeating()], function.body[0])
    return ast.fix_missing_locations(ast.Module([*setup, *functions], []))


def _made(statements: list[ast.stmt], place: ast.stmt) -> list[ast.stmt]:
    """Statements that are none of the script's own, as if they stood at a place."""
    for node in (node for one in statements for node in ast.walk(one)):
        node.made_for_script = True  # type: ignore[attr-defined]
        ast.copy_location(node, place)
    return statements


def is_made(node: ast.AST) -> bool:
    """Is this statement of a script's tree none that a gradient is computed by: put in, or a step of the training?"""
    return hasattr(node, "made_for_script")


def _needed_by(setup: Sequence[ast.stmt], names: set[str]) -> set[str]:
    """The names, and those that they are set up from."""
    kept, before = slice_block(setup, names)
    return names.union(before, *map(reads, kept))


def _is_idle(statement: ast.stmt, needed: set[str]) -> bool:
    """Does it print, or keep a plain number (a rate, a count, the turn of a loop) that nothing here needs?"""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return getattr(statement.value.func, "id", None) == "print"
    if not isinstance(statement, ast.Assign) or writes(statement) & needed:
        return False
    calls = {getattr(one.func, "id", None) for one in ast.walk(statement) if isinstance(one, ast.Call)}
    return calls <= {"next", "iter", "range", "enumerate"}


def _function(name: str, part: list[ast.stmt], value: ast.expr, iteration: Iteration, plan: Plan) -> ast.FunctionDef:
    """def name(parameters): what the script sets up and the part then changes; the part; return value."""
    if not part:
        raise SubjectError(f"nothing is left to compute {ast.unparse(value)} from: look at its assignments")
    stale = (read_first(part) & set().union(*map(writes, part))) - set(plan.gradients)
    again = {one: made for one in sorted(stale) if (made := _made_again(one, iteration.setup, stale))}
    kept = sorted(one for one in stale - set(again) if any(one in writes(s) for s in iteration.setup))
    defaults = [ast.Name(one, ast.Load()) for one in kept]
    arguments = ast.arguments(
        [], [ast.arg(one) for one in plan.gradients], None, [ast.arg(one) for one in kept], list(defaults), None, []
    )
    last = ast.Return(value)
    function = ast.FunctionDef(name, arguments, [], [], None, None)
    _made([last, function], part[-1])
    function.lineno, function.end_lineno = part[0].lineno, part[-1].end_lineno
    for step in _steps(part, plan.gradients):
        step.made_for_script = True  # type: ignore[attr-defined]
    function.body = [*copy.deepcopy(list(again.values())), *part, last]
    return function


def _steps(block: Sequence[ast.stmt], parameters: Collection[str]) -> list[ast.stmt]:
    """The statements that step the parameters: they are the training's, no gradient is wrong because of them."""
    nodes = [node for statement in block for node in ast.walk(statement)]
    found = [node for node in nodes if isinstance(node, ast.Assign | ast.AugAssign)]
    return [one for one in found if {base_of(target) for target in _targets(one)} & set(parameters)]


def _targets(statement: ast.Assign | ast.AugAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _early_steps(tree: ast.Module, plan: Plan) -> list[str]:
    """Parameters that are stepped before all gradients are there, as notes."""
    grads = tree.body[-1]
    assert isinstance(grads, ast.FunctionDef)
    return [
        f"line {step.lineno} steps {', '.join(sorted(writes(step)))} before all gradients are computed: those after it "
        "see the new value and not the one that the loss was computed with"
        for step in _steps(grads.body, plan.gradients)
    ]


def _step_texts(tree: ast.Module, plan: Plan) -> list[str]:
    """How a script steps its parameters, in whatever order."""
    body = find_iteration(main_block(tree), plan.movable, plan.variables).body
    return sorted(map(ast.unparse, _steps(body, plan.gradients)))


def _made_again(name: str, setup: Sequence[ast.stmt], changed: Collection[str]) -> ast.stmt | None:
    """The statement that sets a name up, where it can be repeated: a literal, an empty list, zeros."""
    found = next((one for one in reversed(setup) if name in writes(one)), None)
    if not isinstance(found, ast.Assign) or rebinds(found) != {name} or reads(found) & set(changed):
        return None
    calls = [node.func for node in ast.walk(found.value) if isinstance(node, ast.Call)]
    words = {getattr(call, "attr", getattr(call, "id", None)) for call in calls}
    return found if words <= MAKERS else None


def _case(file: SourceFile, names: tuple[str, str], point: dict[str, Any], parse: Parse) -> Case:
    def made(module: ModuleType) -> Case:
        functions = Functions(getattr(module, names[0]), getattr(module, names[1]))
        origin = Origin(file.text, made, parse, top=file.top)
        return make_case(functions, point, Subject(str(file.path), *names), None, origin, module)

    return made(file.module)


def _told(plan: Plan) -> str:
    """What the script was taken for, in one sentence."""
    pairs = ", ".join(f"{name}: {gradient}" for name, gradient in plan.gradients.items())
    turn = f", one turn of the loop on line {plan.line}" if plan.line else ""
    return f"read as a script: the loss is {plan.loss} (line {plan.loss_line}){turn}; parameters and gradients: {pairs}"
