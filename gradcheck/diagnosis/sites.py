"""Where a fault can stand: every right-hand side, and every head, index and argument, of the functions of a file."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gradcheck.results.diagnoses import Span
from gradcheck.subject.scripts import is_made

Kind = Literal["assign", "augment", "return", "argument", "lambda", "head", "index"]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, eq=False)
class Site:
    """One expression of a statement inside a function, that may be what is wrong.

    number: its place in the file. function: qualified name of the one it stands in. kind: "assign", "augment", "return"
    (or yield), "argument" (of a bare call), "lambda" (its body); of these the value can be watched and replaced at run
    time. "head" (what a loop, branch or assertion asks) and "index" (of a target) are only text to change. expr: the
    node; span its place. statement: the node around it, with place and text (of a compound statement the head).
    target: text of what it is assigned to. reads: the names in it. alone: the statement has no other value site.
    """

    number: int
    function: str
    kind: Kind
    expr: ast.expr
    span: Span
    statement: ast.stmt
    statement_span: Span
    text: str
    target: str | None
    reads: frozenset[str]
    alone: bool

    @property
    def is_value(self) -> bool:
        """Can its value be replaced at run time?"""
        return self.kind not in ("head", "index")

    @property
    def has_subscript(self) -> bool:
        """Does its value go to a place that is itself computed, `dW[i] = ...`?"""
        return self.target is not None and "[" in self.target and not self.target.endswith(("']", '"]'))


def find_sites(tree: ast.Module, text: str) -> tuple[Site, ...]:
    """The sites of all functions, methods and lambdas of a file, in the order of its lines.

    tree: of `text`, as parsed. What a module does while it is loaded is no site: it makes data, no gradient.
    """
    lines = text.splitlines(keepends=True)
    found: list[Site] = []
    for function, statement, parts in _statements(tree, "", "lambda" in text):
        values = sum(kind not in ("head", "index") for kind, _, _ in parts)
        place = _span_of_statement(statement, lines)
        for kind, expr, target in parts:
            found.append(
                Site(
                    number=len(found),
                    function=function,
                    kind=kind,
                    expr=expr,
                    span=span_of(expr, lines),
                    statement=statement,
                    statement_span=place,
                    text=text_of(place, lines),
                    target=target,
                    reads=frozenset(node.id for node in ast.walk(expr) if isinstance(node, ast.Name)),
                    alone=values == 1,
                )
            )
    return tuple(found)


def span_of(node: ast.expr | ast.stmt, lines: list[str]) -> Span:
    """Where a node stands in the lines of its text; columns in characters."""
    end_line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Span(node.lineno, _column(lines, node.lineno, node.col_offset), end_line, _column(lines, end_line, end))


def text_of(span: Span, lines: list[str]) -> str:
    """The text of a span."""
    rows = lines[span.line - 1 : span.end_line]
    rows[-1] = rows[-1][: span.end_column - 1]
    rows[0] = rows[0][span.column - 1 :]
    return "".join(rows)


Part = tuple[Kind, ast.expr, str | None]


def _statements(node: ast.AST, scope: str, has_lambdas: bool) -> Iterator[tuple[str, ast.stmt, list[Part]]]:
    """(function, statement, its parts) for every statement inside functions; lambdas of a module, too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue  # no statement stands in an expression
        inner = f"{scope}.{child.name}".lstrip(".") if isinstance(child, (*FUNCTIONS, ast.ClassDef)) else scope
        if isinstance(child, ast.stmt) and not is_made(child):
            inside = _is_function(node) or (scope != "" and not isinstance(node, ast.ClassDef))
            parts = _parts(child) if inside and not isinstance(child, (*FUNCTIONS, ast.ClassDef)) else []
            parts += _lambdas(child) if has_lambdas else []
            if parts:
                yield scope, child, parts
        yield from _statements(child, inner, has_lambdas)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, FUNCTIONS)


def _parts(statement: ast.stmt) -> list[Part]:
    """The expressions of one statement that may be wrong."""
    match statement:
        case ast.Assign(targets, value):
            name = ast.unparse(targets[-1])
            return [*_values("assign", value, name, targets[-1]), *_indices(*targets)]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return [*_values("assign", value, ast.unparse(target), target), *_indices(target)]
        case ast.AugAssign(target, _, value):
            return [("augment", value, ast.unparse(target)), *_indices(target)]
        case ast.Return(ast.expr() as value) | ast.Expr(ast.Yield(ast.expr() as value)):
            return _values("return", value, None, None)
        case ast.Expr(ast.Call() as call):
            whole = [argument for argument in call.args if not isinstance(argument, ast.Starred)]
            return [("argument", one, None) for one in (*whole, *(k.value for k in call.keywords if k.arg))] or [
                ("head", call, None)
            ]
        case ast.Expr(ast.Constant()):
            return []
        case ast.For(target, over) | ast.AsyncFor(target, over):
            return [("head", over, ast.unparse(target))]
        case ast.Delete(targets):
            return [("index", target, None) for target in targets]
    heads = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.expr)]
    heads += [item.context_expr for item in getattr(statement, "items", [])]
    return [("head", head, None) for head in heads]


def _values(kind: Kind, value: ast.expr, name: str | None, target: ast.expr | None) -> list[Part]:
    """The value of a statement, split where it is a tuple, a list, a dict or dict(...)."""
    match value:
        case ast.Tuple(parts) | ast.List(parts) if parts and not any(isinstance(p, ast.Starred) for p in parts):
            names: list[ast.expr | None] = [None] * len(parts)
            if isinstance(target, ast.Tuple | ast.List) and len(target.elts) == len(parts):
                names = list(target.elts)
            told = [ast.unparse(one) if one else name for one in names]
            return [part for p, t, n in zip(parts, told, names, strict=True) for part in _values(kind, p, t, n)]
        case ast.Dict(keys, values) if values:
            return [
                part
                for key, one in zip(keys, values, strict=True)
                for part in _values(kind, one, ast.unparse(key) if key else None, None)
            ]
        case ast.Call(ast.Name("dict"), [], keywords) if keywords and all(k.arg for k in keywords):
            return [part for k in keywords for part in _values(kind, k.value, k.arg, None)]
    return [(kind, value, name)]


def _indices(*targets: ast.expr) -> list[Part]:
    """What the targets compute on their own: their subscripts."""
    nodes = [node for target in targets for node in ast.walk(target) if isinstance(node, ast.Subscript)]
    return [("index", node.slice, ast.unparse(node)) for node in nodes]


def _lambdas(statement: ast.stmt) -> list[Part]:
    """The bodies of the lambdas of a statement, but not of the statements inside it."""
    found: list[Part] = []
    waiting: list[ast.AST] = list(ast.iter_child_nodes(statement))
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.stmt):
            continue
        if isinstance(node, ast.Lambda):
            found.append(("lambda", node.body, None))
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _span_of_statement(statement: ast.stmt, lines: list[str]) -> Span:
    """The place of a statement; of one that holds others, of its head."""
    whole = span_of(statement, lines)
    body = getattr(statement, "body", None)
    if not isinstance(body, list) or not body:
        return whole
    first = body[0]
    head = text_of(Span(whole.line, whole.column, first.lineno, _column(lines, first.lineno, first.col_offset)), lines)
    head = head.rstrip()
    rows = head.count("\n")
    end = len(head) - head.rfind("\n") if rows else whole.column + len(head)
    return Span(whole.line, whole.column, whole.line + rows, end)


def _column(lines: list[str], line: int, offset: int) -> int:
    """The column, from 1 in characters, of an offset in bytes."""
    row = lines[line - 1]
    return offset + 1 if row.isascii() else len(row.encode()[:offset].decode(errors="ignore")) + 1
