"""The case of a script that trains whatever keeps its parameters: a class, a list of layers, a dict in a function."""

import ast
import copy
import pickle
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from gradcheck.errors import SubjectError
from gradcheck.results.result import Subject
from gradcheck.subject.cases import Case, Functions, Origin, make_case
from gradcheck.subject.dataflow import reads, writes
from gradcheck.subject.draws import has_draws, remembering, repeating
from gradcheck.subject.files import load_file
from gradcheck.subject.leaves import Path
from gradcheck.subject.trainings import Training, find_training
from gradcheck.subject.turns import Turn, texts_of, turns_of

LOSS, GRADS = "loss_of_script", "grads_of_script"
POINT, STATE = "__gradcheck_point__", "__gradcheck_state__"


def case_of_training(path: str, text: str, loss: str | None = None) -> Case | None:
    """The case of one turn of a script's training, at the parameters it begins with; None where none is found."""
    training = find_training(ast.parse(text, path), path, loss)
    if training is None:
        return None

    known: dict[str, bytes] = {}

    def parse(changed: str, filename: str) -> ast.Module:
        if changed not in known:  # one text is run many times over
            known[changed] = pickle.dumps(tree_of_training(ast.parse(changed, filename), training, loss))
        tree: ast.Module = pickle.loads(known[changed])
        return tree

    file = load_file(path, parse=parse)
    point = {name: _value(file.module, places[0]) for name, places in training.places.items()}

    def made(module: ModuleType) -> Case:
        functions = Functions(getattr(module, LOSS), getattr(module, GRADS))
        origin = Origin(file.text, made, parse, top=file.top)
        return make_case(functions, point, Subject(str(file.path), LOSS, GRADS), None, origin, module)

    case = made(file.module)
    return replace(case, subject=replace(case.subject, script=training.loss), notes=(_told(training),))


def tree_of_training(tree: ast.Module, training: Training, loss: str | None) -> ast.Module:
    """The module with what stands before a turn, and the turn as two functions; raises SubjectError."""
    turns = turns_of(tree, loss)
    if training.place >= len(turns):
        raise SubjectError("the training is no longer there: it is no part of the gradient")
    turn = turns[training.place]
    texts = texts_of(turn.body)
    if not training.left_out <= set(texts):
        raise SubjectError("the steps of the parameters are changed: they are no part of the gradient")
    told = dict(zip(map(id, turn.body), texts, strict=True))
    body = [one for one in _computing(turn.body) if told[id(one)] not in training.left_out]
    ends = max((n for n, one in enumerate(body) if training.loss in writes(one)), default=-1)
    for_grads = _needed([one for one in body if told[id(one)] not in training.after], training.loss)
    gradients = ", ".join(f"{name!r}: {gradient}" for name, gradient in training.gradients.items())
    parts = ((LOSS, body[: ends + 1], training.value), (GRADS, for_grads, f"{{{gradients}}}"))
    functions = [_function(name, part, value, turn, training) for name, part, value in parts]
    places = dict(training.places)
    made = f"from gradcheck.subject.keeping import keeping as {STATE}\n"
    made += f"{STATE} = {STATE}(globals(), {training.kept!r}, {places!r})"
    state = [*ast.parse(made).body, *(remembering() if has_draws(tree.body) else [])]
    return ast.fix_missing_locations(ast.Module([*turn.setup, *_placed(state, turn.body[0]), *functions], []))


def _computing(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements without those that print, where nobody reads what they make."""
    read = [reads(one) for one in body]
    return [
        one
        for place, one in enumerate(body)
        if not _prints(one) or writes(one) & set().union(*read[:place], *read[place + 1 :])
    ]


def _needed(body: Sequence[ast.stmt], loss: str) -> list[ast.stmt]:
    """The statements without those that make only a loss that nobody reads."""
    makers = [one for one in body if writes(one) == {loss}]
    is_read = any(loss in reads(one) for one in body if one not in makers)
    return [one for one in body if is_read or one not in makers]


def _prints(statement: ast.stmt) -> bool:
    calls = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(isinstance(call, ast.Name) and call.id == "print" for call in calls)


def _function(name: str, part: Sequence[ast.stmt], value: str, turn: Turn, training: Training) -> ast.FunctionDef:
    """def name(**point): the variables as they were, with the point's parameters; the part; return value."""
    if not part:
        raise SubjectError(f"nothing is left to compute {value} from: look at its assignments")
    kept = ", ".join(training.kept)
    lines = [f"({kept},) = {STATE}({POINT})", f"return {value}"]
    if shared := sorted(_read_elsewhere(turn) & {*training.kept, *set().union(*map(writes, part))}):
        lines.insert(0, f"global {', '.join(shared)}")
    function = ast.parse(f"def {name}(**{POINT}):\n " + "\n ".join(lines)).body[0]
    assert isinstance(function, ast.FunctionDef)
    *first, last = function.body
    repeated = [repeating()] if has_draws([*turn.setup, *turn.body]) else []
    _placed([function, *first, *repeated], part[0])
    _placed([last], part[-1])
    function.lineno, function.end_lineno = part[0].lineno, part[-1].end_lineno
    function.body = [*first, *repeated, *copy.deepcopy(list(part)), last]
    return function


def _read_elsewhere(turn: Turn) -> set[str]:
    """The variables that functions of the setup read without being handed them."""
    definitions = [one for one in turn.setup if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    names = set().union(*map(reads, definitions), set())
    return names | set().union(*(reads(one) for one in turn.setup if _is_lambda(one)), set())


def _is_lambda(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda)


def _placed(statements: Sequence[ast.stmt], place: ast.stmt) -> list[ast.stmt]:
    """Statements that are none of the script's own, as if they stood at a place."""
    for node in (node for one in statements for node in ast.walk(one)):
        node.made_for_script = True  # type: ignore[attr-defined]
        ast.copy_location(node, place)
    return list(statements)


def _value(module: ModuleType, path: Path) -> Any:
    """What a module keeps at a path."""
    held: Any = vars(module)
    for kind, key in path:
        held = getattr(held, str(key)) if kind == "attr" else held[key]
    return float(held) if isinstance(held, int) else copy.deepcopy(held)


def _told(training: Training) -> str:
    """What the script was taken for, in one sentence."""
    turn = f", one turn of the loop on line {training.turn.line}" if training.turn.line else ""
    pairs = ", ".join(f"{name}: {gradient}" for name, gradient in training.gradients.items())
    return f"read as a script: the loss is {training.loss}{turn}; parameters and gradients: {pairs}"
