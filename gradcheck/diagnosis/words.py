"""Why a change mends a gradient, in the field's words."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gradcheck.diagnosis.array_reasons import keyword_reason
from gradcheck.diagnosis.changes import Change, changes_between, text_of
from gradcheck.diagnosis.enclosing import enclosing_reason
from gradcheck.diagnosis.reasons import reason_of
from gradcheck.diagnosis.returned_reasons import returned_reason
from gradcheck.diagnosis.roles import Role, role_of, role_of_target
from gradcheck.diagnosis.weighing import weight_reason, weights_in

# A definition that is longer than this does not help a reader of a sentence.
SHORT = 24


@dataclass(frozen=True, slots=True)
class Known:
    """What the old text says of its names.

    names: every variable. assigned: what each is made of, where that is one thing. weights: what each weighs in the
    forward statements. unread: names that are made and never read, with their line.
    """

    names: frozenset[str]
    assigned: Mapping[str, str]
    weights: dict[str, tuple[str, str]]
    unread: Mapping[str, int]


def explain_change(old: str, new: str, forward: Collection[int] = ()) -> str:
    """The reason for a change of a text, one sentence a change, without a full stop at the end.

    forward: lines of the forward statements. Texts that cannot be parsed, or that say the same, have an empty reason.
    """
    try:
        changes = changes_between(old, new)
    except SyntaxError:
        return ""
    if len(changes) == 2 and _exchanged(*changes):
        return f"`{text_of(changes[0].old)}` and `{text_of(changes[1].old)}` are exchanged"
    if len(changes) == 2 and (moved := _moved(*changes)):
        return moved
    tree = ast.parse(old)
    known = Known(_names(tree), _assigned(tree), weights_in(tree, forward), _unread(tree))
    return "; ".join(dict.fromkeys(_explain(change, known) + _now_read(change, known) for change in changes))


def _exchanged(one: Change, other: Change) -> bool:
    """Did each of two pieces take the other's place?"""
    pieces = (one.old, one.new, other.old, other.new)
    return None not in pieces and text_of(one.old) == text_of(other.new) != text_of(other.old) == text_of(one.new)


def _moved(one: Change, other: Change) -> str:
    """A statement that only stands elsewhere now; empty where it is no such pair."""
    gone, come = (one.old, other.new) if one.new is None else (other.old, one.new)
    lost, found = (one, other) if one.new is None else (other, one)
    if not isinstance(gone, ast.stmt) or not isinstance(come, ast.stmt) or lost.new or found.old:
        return ""
    if text_of(gone) != text_of(come):
        return ""
    way = "early" if come.lineno > gone.lineno else "late"
    return f"the statement `{text_of(gone)}` comes too {way}"


def _explain(change: Change, known: Known) -> str:
    """The first of the readings that fits."""
    if change.old is None and isinstance(change.after, ast.If):
        body = "; ".join(text_of(one) for one in change.after.body)
        return f"the statement `{body}` is missing where `{text_of(change.after.test)}`"
    if change.old is None or change.new is None:
        text = f"`{text_of(change.after if change.old is None else change.before)}`"
        return f"the statement {text} {'is missing' if change.old is None else 'is too much'}"
    if isinstance(change.old, ast.stmt) and isinstance(change.new, ast.stmt):
        return _statement(change.old, change.new)
    old, new = change.old, change.new
    if isinstance(old, ast.keyword) and isinstance(new, ast.keyword):
        return keyword_reason(old, new)
    returned = returned_reason(old, new, change.after)
    if returned:
        return returned
    reason = enclosing_reason(change, known.assigned)
    if not reason and isinstance(old, ast.expr) and isinstance(new, ast.expr):
        reason = reason_of(old, new)
    plain = f"`{text_of(new)}` belongs where `{text_of(old)}` stands"
    weighed = weight_reason(text_of(old), text_of(new), known.weights)
    return reason or _by_role(change, known) or (f"{plain}: {weighed}" if weighed else plain)


def _now_read(change: Change, known: Known) -> str:
    """That what comes was made before and read by nobody, in brackets."""
    parts = ast.walk(change.new) if change.new else ()
    read = (one.id for one in parts if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    used = dict.fromkeys(name for name in read if name in known.unread)
    return "".join(f" (`{name}`, made on line {known.unread[name]}, is read nowhere else)" for name in used)


def _statement(old: ast.stmt, new: ast.stmt) -> str:
    """Another kind of statement: `+=` for `=` above all, or the same under a condition."""
    if isinstance(new, ast.If) and not isinstance(old, ast.If):
        return f"`{text_of(old)}` is meant only where `{text_of(new.test)}`"
    if isinstance(old, ast.If) and not isinstance(new, ast.If):
        return f"`{text_of(new)}` is meant whether or not `{text_of(old.test)}`"
    target = text_of(getattr(new, "target", None) or getattr(new, "targets", [None])[0])
    if isinstance(old, ast.Assign) and isinstance(new, ast.AugAssign):
        return f"`{target}` collects several parts: `=` overwrites what came before, `{_sign(new)}=` adds to it"
    if isinstance(old, ast.AugAssign) and isinstance(new, ast.Assign):
        return f"`{target}` starts anew here: `{_sign(old)}=` keeps what is left from before"
    if isinstance(old, ast.AugAssign) and isinstance(new, ast.AugAssign):
        wrong = ": the sign is wrong" if {_sign(old), _sign(new)} == {"+", "-"} else ""
        return f"`{_sign(new)}=` belongs where `{_sign(old)}=` stands{wrong}"
    if isinstance(old, ast.AugAssign) and text_of(new).startswith("np.add.at("):
        return f"`{text_of(old)}` adds only once where an index repeats, `np.add.at` every time"
    return f"`{text_of(new)}` belongs where `{text_of(old)}` stands"


def _sign(statement: ast.AugAssign) -> str:
    return {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}.get(type(statement.op), "")


def _by_role(change: Change, known: Known) -> str:
    """What two names promise, and what the product around them, or the target, asks for."""
    names, assigned = known.names, known.assigned
    old, new = text_of(change.old), text_of(change.new)
    had, target = role_of(old, names - {old}), _target(change.after)
    if had and had.explicit:
        asked = _asked(change.chain, had, names) or _aimed(change.chain, had, target, names)
        value = assigned.get(new, new)
        belongs = f"{asked[0].text} = {value} belongs here" if asked else f"`{new}` belongs here"
        going = f": the path goes {asked[1]}, so {belongs}" if asked else f": {belongs}"
        return f"`{old}` is {_is(had, old, assigned)}{going}"
    promise = role_of_target(target, names - {target}) if target else None
    if promise and promise.explicit:
        return f"`{target}` is {promise.text}: `{new}` belongs there, not `{old}`"
    return ""


def _asked(chain: Sequence[ast.expr], had: Role, names: frozenset[str]) -> tuple[Role, str] | None:
    """The link that the factors beside it ask for, and how they say so; None where they do not."""
    others = {text: role for one in chain if (role := role_of(text := text_of(one), names - {text})) and role != had}
    above, entered = {had.of}, {role.by for role in others.values()}
    while more := {role.of for role in others.values() if role.by in above} - above:
        above |= more
    for text, role in others.items():
        if role.of and role.of not in above | entered | {had.by}:
            return Role(had.of, role.of, True), f"on through {role.of} (`{text}`)"
    return None


def _aimed(chain: Sequence[ast.expr], had: Role, target: str, names: frozenset[str]) -> tuple[Role, str] | None:
    """The link that the target asks for: `dLoss_dw4 = ...*dneth2_dw3` must end at w4; None where it does not."""
    wanted = role_of_target(target, names - {target}) if target else None
    others = {role_of(text := text_of(one), names - {text}) for one in chain} - {None, had}
    ends = {role.by for role in others if role} | {had.by}
    goes_on = any(role and role.of == had.by for role in others)
    if wanted is None or not wanted.explicit or wanted.by in ends or goes_on:
        return None
    return Role(had.of, wanted.by, True), f"on to {wanted.by} (`{target}`)"


def _is(role: Role, name: str, assigned: Mapping[str, str]) -> str:
    """`∂neto/∂outh1 = w5`; without the value where that is long or unknown."""
    value = assigned.get(name, "")
    return f"{role.text} = {value}" if value and len(value) <= SHORT else role.text


def _names(tree: ast.Module) -> frozenset[str]:
    """Every variable of the text: what roles may speak of."""
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return frozenset({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | arguments)


def _assigned(tree: ast.Module) -> dict[str, str]:
    """What each name is assigned, where that is one thing."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, set()).add(text_of(node.value))
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _unread(tree: ast.Module) -> dict[str, int]:
    """Names that are assigned and read nowhere in the text, each with the last line that makes it."""
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id for node in uses if isinstance(node.ctx, ast.Load)}
    return {node.id: node.lineno for node in uses if node.id not in read}


def _target(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return text_of(statement.targets[0])
    return text_of(statement.target) if isinstance(statement, ast.AugAssign | ast.AnnAssign) else ""
