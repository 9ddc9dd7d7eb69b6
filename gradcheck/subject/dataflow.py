"""What statements read and write by name, and the part of a block that some names depend on."""

import ast
import copy
from collections.abc import Iterable, Iterator

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
WRITTEN = "names_written"
LOOPS = (ast.For, ast.While)
MUTATORS = frozenset(
    {"append", "extend", "insert", "pop", "update", "setdefault", "fill", "sort", "reverse", "clear", "add", "remove"}
)
# NumPy's and random's functions that write into their first argument.
WRITERS = frozenset({"at", "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "shuffle"})
# Bare calls that only show something.
SHOWING = frozenset({"print", "display", "input", "exit", "quit", "len", "type"})


def reads(node: ast.AST) -> set[str]:
    """The names whose values a piece of code uses; of a function those that are not its own."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inner = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        own = {one.arg for one in inner if one} | {name for part in node.body for name in _stored(part)}
        outer = [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        return set().union(*map(reads, node.body)) - own | set().union(*map(reads, outer), set())
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found = set().union(*map(reads, ast.iter_child_nodes(node)))
    if isinstance(node, COMPREHENSIONS):
        return found - {name for one in node.generators for name in _plain(one.target)}
    return found | (set(_plain(node.target)) if isinstance(node, ast.AugAssign) else set())


def writes(node: ast.AST) -> set[str]:
    """The names that a piece of code assigns, or whose values it changes in place."""
    known: frozenset[str] | None = getattr(node, WRITTEN, None)  # asked of one node many times over
    if known is None:
        known = frozenset(_written(node))
        setattr(node, WRITTEN, known)
    return set(known)


def _written(node: ast.AST) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    changed = (base_of(one) for part in ast.walk(node) for one in _changed(part))
    inner = (one.name for one in ast.walk(node) if isinstance(one, ast.FunctionDef | ast.ClassDef))
    return {*_stored(node), *inner, *(name for name in changed if name)}


def rebinds(statement: ast.stmt) -> set[str]:
    """The names that surely hold a new value after a simple statement."""
    if isinstance(statement, ast.Assign):
        return {name for target in statement.targets for name in _plain(target)}
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return set(_plain(statement.target))
    return {statement.name} if isinstance(statement, ast.FunctionDef | ast.ClassDef) else set()


def read_first(block: Iterable[ast.stmt]) -> set[str]:
    """The names that a block may read before it has surely assigned them."""
    found: set[str] = set()
    bound: set[str] = set()
    for statement in block:
        found |= (reads(statement) | (writes(statement) - rebinds(statement))) - bound
        bound |= rebinds(statement)
    return found


def slice_block(
    block: Iterable[ast.stmt], wanted: Iterable[str], never: Iterable[str] = (), in_loop: bool = False
) -> tuple[list[ast.stmt], set[str]]:
    """(the statements that the wanted names depend on, the names that those need beforehand).

    never: names whose assignments are left out. Loops and branches are thinned out, too; the statements are new ones.
    """
    needed, kept, banned = set(wanted), list[ast.stmt](), frozenset(never)
    for statement in reversed(list(block)):
        part = _part(statement, needed, banned, in_loop)
        if part is not None:
            kept.append(part[0])
            needed = part[1]
    return kept[::-1], needed


def base_of(node: ast.AST) -> str | None:
    """The name that `a[0].b[1]` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _part(
    statement: ast.stmt, needed: set[str], never: frozenset[str], in_loop: bool
) -> tuple[ast.stmt, set[str]] | None:
    """What is left of one statement, and the names needed before it; None where nothing is."""
    if isinstance(statement, ast.Break | ast.Continue):
        return (statement, needed) if in_loop else None
    if isinstance(statement, LOOPS):
        return _loop(statement, needed, never)
    if isinstance(statement, ast.If | ast.With):
        body, before = slice_block(statement.body, needed, never, in_loop)
        other, otherwise = slice_block(getattr(statement, "orelse", []), needed, never, in_loop)
        if not body and not other:
            return None
        heads = [statement.test] if isinstance(statement, ast.If) else [item.context_expr for item in statement.items]
        return _with(statement, body, other), needed | before | otherwise | set().union(*map(reads, heads))
    written = writes(statement)
    if not written & needed or (written & never and not isinstance(statement, ast.Try)):
        return None
    return copy.deepcopy(statement), (needed - rebinds(statement)) | reads(statement)


def _loop(statement: ast.For | ast.While, needed: set[str], never: frozenset[str]) -> tuple[ast.stmt, set[str]] | None:
    if not writes(statement) & needed:
        return None
    inside, body = set(needed), list[ast.stmt]()
    while True:  # what one turn needs, an earlier one may have made
        body, before = slice_block(statement.body, inside, never, in_loop=True)
        if before <= inside:
            break
        inside |= before
    head = statement.iter if isinstance(statement, ast.For) else statement.test
    return (_with(statement, body, []), inside | reads(head)) if body else None


def _with(statement: ast.For | ast.While | ast.If | ast.With, body: list[ast.stmt], other: list[ast.stmt]) -> ast.stmt:
    thinned = copy.copy(statement)
    vars(thinned).pop(WRITTEN, None)
    thinned.body = body or [ast.copy_location(ast.Pass(), statement)]
    if not isinstance(thinned, ast.With):
        thinned.orelse = other
    return copy.deepcopy(thinned)


def _outside_scopes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a piece of code, but for the insides of functions, classes and comprehensions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (*SCOPES, *COMPREHENSIONS)):
            yield from _outside_scopes(child)


def _stored(node: ast.AST) -> Iterator[str]:
    for one in _outside_scopes(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        elif isinstance(one, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in one.names)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    """What a node changes in place."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
        yield from node.value.args if node.value.func.id not in SHOWING else ()
    if isinstance(node, ast.Call):
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "out")
        if isinstance(node.func, ast.Attribute):
            yield from [node.func.value] if node.func.attr in MUTATORS else []
            yield from node.args[:1] if node.func.attr in WRITERS else []


def _plain(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _plain(part)
