"""One iteration of a script: what stands before it, and the statements that compute a loss and its gradient."""

import ast
import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gradcheck.errors import SubjectError
from gradcheck.subject.dataflow import LOOPS, reads, rebinds, slice_block, writes
from gradcheck.subject.steps import Chain, blocks_of, chains_of, stores_of

# What these say of an array is no number of it: W2 = np.zeros(W1.shape) is a constant, h = W1 * x is not.
SHAPE_WORDS = frozenset({"shape", "size", "ndim", "dtype", "len", "zeros_like", "ones_like", "empty_like"})


@dataclass(frozen=True, eq=False)
class Iteration:
    """`setup` runs once; `body` is one turn of the training loop that begins on `line` (None: there is no loop)."""

    setup: tuple[ast.stmt, ...]
    body: tuple[ast.stmt, ...]
    line: int | None


def main_block(tree: ast.Module) -> list[ast.stmt]:
    """The statements of a script, those under `if __name__ == "__main__"` among them."""
    flat: list[ast.stmt] = []
    for statement in tree.body:
        is_main = isinstance(statement, ast.If) and "__name__" in reads(statement.test)
        flat.extend(statement.body if is_main and isinstance(statement, ast.If) else [statement])
    return flat


def constants_of(block: Sequence[ast.stmt], of_interest: Collection[str]) -> set[str]:
    """The names of interest that are first assigned outside of loops, from nothing that was computed of the others."""
    found: set[str] = set()
    derived: set[str] = set()
    for statement in block:
        for name in rebinds(statement) - found - derived:
            depends = {one for one in _values_read(statement) if one != name} & (found & set(of_interest) | derived)
            (derived if depends else found).add(name)
    return found & set(of_interest)


def find_iteration(block: Sequence[ast.stmt], parameters: Collection[str], gradients: Collection[str]) -> Iteration:
    """The innermost loop that makes the gradients and holds the updates of the parameters; without one, the script.

    Raises SubjectError where that loop stands in something that cannot be taken apart.
    """
    chains = list(chains_of(block, ()))
    written = [(chain, writes(statement)) for chain, statement in chains]
    made = {g: found for g in gradients if (found := [chain for chain, names in written if g in names])}
    heads = {chain[0] for all_of_one in made.values() for chain in all_of_one if chain}
    updates = [c for c, s in chains if c and (c[0] in heads or not made) and stores_of(s) & set(parameters)]
    trained = {chain[0] for chain in updates}
    if trained:  # what is made elsewhere, as dx = x[1] - x[0] of the data, is no gradient
        inside = {g: [chain for chain in all_of_one if chain and chain[0] in trained] for g, all_of_one in made.items()}
        made = {g: all_of_one for g, all_of_one in inside.items() if all_of_one}
    common = _common(updates or [chain for all_of_one in made.values() for chain in all_of_one])
    while common and not all(any(c[: len(common)] == common for c in all_of_one) for all_of_one in made.values()):
        common = common[:-1]
    if common:
        setup, body = taken_apart(block, common)
        return Iteration(tuple(setup), tuple(body), common[-1].lineno)
    return _straight(block, parameters)


def helpers_in(iteration: Iteration, parameters: Collection[str]) -> list[ast.stmt]:
    """The functions of the setup that read what an iteration computes, or its parameters, without being handed it."""
    local = set(parameters).union(*map(writes, iteration.body))
    definitions = [one for one in iteration.setup if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    while True:
        found = [one for one in definitions if reads(one) & local]
        names = {one.name for one in found}
        if names <= local:
            return [*found]
        local |= names


def _common(chains: Sequence[Chain]) -> Chain:
    """What all chains begin with."""
    first = min(chains, key=len, default=())
    return next((first[:n] for n in range(len(first), 0, -1) if all(c[:n] == first[:n] for c in chains)), ())


def taken_apart(block: Sequence[ast.stmt], chain: Chain) -> tuple[list[ast.stmt], Sequence[ast.stmt]]:
    """(what runs before the first turn of the last loop of a chain, the body of that loop); raises SubjectError."""
    if not chain:
        return [], block
    setup: list[ast.stmt] = []
    for statement in block:
        if statement is chain[0]:
            before, body = taken_apart(chain[0].body, chain[1:])
            return [*setup, *first_turn(chain[0]), *before], body
        if any(node is chain[0] for node in ast.walk(statement)):
            return _entered(setup, statement, chain)
        setup.append(statement)
    raise AssertionError("the loop was found in this block")


def _entered(setup: list[ast.stmt], statement: ast.stmt, chain: Chain) -> tuple[list[ast.stmt], Sequence[ast.stmt]]:
    """Inside a branch, `try` or `with` that holds the training loop."""
    names = statement.items if isinstance(statement, ast.With) else []
    if isinstance(statement, LOOPS) or any(item.optional_vars for item in names):
        kind = type(statement).__name__.lower()
        raise SubjectError(
            f"the training loop on line {chain[0].lineno} stands inside a `{kind}`: take it out of there"
        )
    holder = next(one for one in blocks_of(statement) if any(n is chain[0] for s in one for n in ast.walk(s)))
    before, body = taken_apart(holder, chain)
    return [*setup, *before], body


def first_turn(loop: ast.For | ast.While) -> list[ast.stmt]:
    """`i = next(iter(range(n)))`: the names of a loop as they are in its first turn."""
    if isinstance(loop, ast.While):
        return []
    turns = ast.Call(ast.Name("iter", ast.Load()), [copy.deepcopy(loop.iter)], [])
    first = ast.Assign([copy.deepcopy(loop.target)], ast.Call(ast.Name("next", ast.Load()), [turns], []))
    for node in ast.walk(first):
        ast.copy_location(node, loop.iter)
    return [first]


def _straight(block: Sequence[ast.stmt], parameters: Collection[str]) -> Iteration:
    """A script without a loop: it begins where a parameter is first used; later constants are set up before."""
    setup, body, bound = list[ast.stmt](), list[ast.stmt](), set[str]()
    readers = set(parameters)
    for statement in block:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef) and reads(statement) & readers:
            readers.add(statement.name)
        is_definition = bool(rebinds(statement) & (set(parameters) - bound))
        plain = isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom) or is_definition
        begun = body or _values_read(statement) & readers
        (setup if plain or not begun else body).append(statement)
        bound |= rebinds(statement)
    return Iteration(tuple(setup), tuple(body), None)


def _values_read(statement: ast.AST) -> set[str]:
    """The names whose numbers a statement reads, not only their shapes."""
    found: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        called = node.func if isinstance(node, ast.Call) else node
        word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
        if isinstance(node, ast.Call | ast.Attribute) and word in SHAPE_WORDS:
            continue
        if isinstance(node, ast.Name | ast.FunctionDef | ast.ClassDef):
            found |= reads(node)
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return found


def part_for(
    body: Sequence[ast.stmt], wanted: Collection[str], never: Collection[str]
) -> tuple[list[ast.stmt], set[str]]:
    """The statements of an iteration that that the wanted names depend on, and what those need beforehand."""
    last = max((n for n, statement in enumerate(body) if writes(statement) & set(wanted)), default=-1)
    return slice_block(body[: last + 1], wanted, never)
