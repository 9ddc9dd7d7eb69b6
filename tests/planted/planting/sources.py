"""A correct file as text and tree: the statements of its backward pass, and changes of its text."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

Change = tuple[int, int, str]  # of the text from start to end; what stands there instead
LOOSE = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Lambda)


@dataclass(frozen=True)
class Source:
    """The text of a file with `loss` and `grads`."""

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts; one more for the end."""
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end of a node; the files are ASCII, so bytes are characters."""
        first, last = self.starts[node.lineno - 1], self.starts[node.end_lineno - 1]
        return first + node.col_offset, last + node.end_col_offset

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def tight(self, node: ast.AST) -> str:
        """The node's text, in parentheses where it could fall apart."""
        return f"({self.of(node)})" if isinstance(node, LOOSE) else self.of(node)

    def put(self, node: ast.AST, new: str) -> Change:
        return (*self.span(node), new)

    def lines(self, statement: ast.stmt) -> tuple[int, int]:
        """Start and end of all lines of a statement."""
        return self.starts[statement.lineno - 1], self.starts[statement.end_lineno]

    def changed(self, changes: Sequence[Change]) -> str:
        text = self.text
        for start, end, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text


@dataclass(frozen=True)
class Place:
    """A statement of the backward pass, where it stands, and the loops around it."""

    source: Source
    function: ast.FunctionDef
    block: list[ast.stmt]
    index: int
    loops: tuple[ast.For, ...]

    @property
    def statement(self) -> ast.stmt:
        return self.block[self.index]

    @property
    def value(self) -> ast.expr | None:
        return getattr(self.statement, "value", None)

    def inside(self, kind: type) -> Iterator[ast.AST]:
        """The nodes of that kind in the right-hand side."""
        return (node for node in ast.walk(self.value) if isinstance(node, kind)) if self.value else iter(())

    @cached_property
    def known(self) -> set[str]:
        """Names that can be read here."""
        arguments = self.function.args
        names = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
        for node in ast.walk(self.function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno < self.statement.lineno:
                names.add(node.id)
        return names


def functions(tree: ast.Module) -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


def reachable(tree: ast.Module, start: str) -> set[str]:
    """Names of the functions and methods that `start` may call, itself among them; a class brings its __init__."""
    known, seen, queue = functions(tree), set(), [start]
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    while queue:
        name = queue.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        for node in (inner for function in known[name] for inner in ast.walk(function)):
            called = getattr(node, "id", None) or getattr(node, "attr", None)
            queue += [called] if called else []
            queue += ["__init__", "__call__"] if called in classes else []
    return seen


def places(source: Source) -> list[Place]:
    """The simple statements and loop heads that only grads() runs, those copied from the forward pass left out."""
    forward, known = reachable(source.tree, "loss"), functions(source.tree)
    taught = [f for name in forward for f in known[name]]
    copied = {ast.dump(node) for f in taught for node in ast.walk(f) if isinstance(node, ast.stmt)}
    only = [f for name in sorted(reachable(source.tree, "grads") - forward) for f in known[name]]
    found = [place for f in only for place in _within(source, f, f.body, ())]
    return [place for place in found if ast.dump(place.statement) not in copied]


def _within(
    source: Source, function: ast.FunctionDef, block: list[ast.stmt], loops: tuple[ast.For, ...]
) -> Iterator[Place]:
    for index, statement in enumerate(block):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.For):
            yield Place(source, function, block, index, loops)
        around = (*loops, statement) if isinstance(statement, ast.For) else loops
        for inner in (getattr(statement, "body", []), getattr(statement, "orelse", [])):
            if not isinstance(statement, ast.FunctionDef):
                yield from _within(source, function, inner, around)
