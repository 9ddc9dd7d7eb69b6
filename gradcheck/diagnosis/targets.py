"""What a statement of a function may change: its variables, and the entries of its dicts."""

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from gradcheck.diagnosis.accesses import base_and_key, names_in


@dataclass(frozen=True, slots=True)
class Target:
    """What a statement may change: a variable, or the entry of one under a key of letters; names: that it reads."""

    base: str
    key: str | None
    names: frozenset[str]

    @property
    def text(self) -> str:
        """As it is written."""
        return self.base if self.key is None else f"{self.base}[{self.key}]"


def targets_in(
    function: ast.FunctionDef, given: Collection[str], wrong: Collection[str], known: Collection[str]
) -> tuple[Target, ...]:
    """All of a function's, once each, but those that are known to be right; given: its arguments.

    wrong: parameters whose gradients are; what a dict holds under these names is a target too.
    """
    texts = [ast.parse(text, mode="eval").body for text in _keyed_in(function, wrong)]
    targets = [target_of(node) for node in (*_made(function), *texts)]
    targets += [Target(name, None, frozenset({name})) for name in sorted(given)]
    return tuple(one for one in dict.fromkeys(targets) if one.base not in known)


def target_of(node: ast.expr) -> Target:
    """What is changed where an expression is stored to."""
    base, key = base_and_key(node)
    names = names_in(ast.parse(f"{base}[{key or 0}]"))
    return Target(base, key, frozenset(names | {base}) - {"self"})


def _made(function: ast.FunctionDef) -> list[ast.expr]:
    """What the statements of a function compute and store; what they take from elsewhere in one go is not meant."""
    found: list[ast.expr] = []
    for one in ast.walk(function):
        targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AugAssign) else []
        for target in targets:
            if not isinstance(target, ast.Tuple | ast.List):
                found.append(target)
            elif isinstance(getattr(one, "value", None), ast.Tuple | ast.List):
                found += target.elts
    return [one for one in found if isinstance(one, ast.Name | ast.Subscript | ast.Attribute)]


def _keyed_in(function: ast.FunctionDef, wrong: Collection[str]) -> list[str]:
    """What the function's dicts may hold under the names of the wrong parameters, as it writes other keys."""
    found = dict[str, None]()
    begin = _common_start(sorted(wrong))
    for node in ast.walk(function):
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Store):
            continue
        base, made = ast.unparse(node.value), node.slice
        if isinstance(made, ast.Constant) and isinstance(made.value, str):
            found |= {f"{base}[{name!r}]": None for name in sorted(wrong)}
        if isinstance(made, ast.BinOp) and isinstance(made.left, ast.Constant) and begin:
            found[f"{base}[{begin!r} + {ast.unparse(made.right)}]"] = None
    return list(found)


def _common_start(names: Sequence[str]) -> str:
    """The letters that all of some names begin with."""
    return "".join(letters[0] for letters in takewhile(lambda one: len(set(one)) == 1, zip(*names, strict=False)))
