"""User code rewritten so that it reports what it does: every assignment in a function, every cast."""

import ast
from collections.abc import Callable

Parse = Callable[[str, str], ast.Module]
LET = "__let__"
CAST = "__cast__"
# Calls that would turn a traced number into a plain one: float(x), np.float64(x), x.astype(float).
CASTS = frozenset({"float", "int", "float16", "float32", "float64", "astype"})


def instrument(source: str, filename: str, parse: Parse = ast.parse) -> ast.Module:
    """The module's tree with `x = e` as `x = __let__("x", e)` inside functions, and casts as `__cast__(f, ...)`.

    parse: (source, filename) -> the tree to rewrite. Lines stay what they are. Raises SyntaxError.
    """
    tree = parse(source, filename)
    _Reporter().visit(tree)
    return ast.fix_missing_locations(tree)


class _Reporter(ast.NodeTransformer):
    """Rewrites statements inside functions only: what a module does while it is loaded stays plain."""

    def __init__(self) -> None:
        self.depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        node.body = [rewritten for statement in node.body for rewritten in self._statements(statement)]
        self.depth -= 1
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.depth += 1
        node.body = self.visit(node.body)
        self.depth -= 1
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if not self.depth:
            return node
        if len(node.targets) == 1:
            accumulates = _accumulates(node.targets[0], node.value)
            node.value = _let(node.targets[0], node.value)
            if accumulates and isinstance(node.value, ast.Call):
                node.value.args.append(_call("__kept__", ast.Name(accumulates, ast.Load()), ast.Constant(True)))
            return node
        # a = b = e: each name reports by itself
        kept = ast.Name("__value__", ast.Store())
        first = ast.copy_location(ast.Assign([kept], node.value), node)
        value = ast.Name("__value__", ast.Load())
        rest = [ast.copy_location(ast.Assign([target], _let(target, value)), node) for target in node.targets]
        return [first, *rest]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if self.depth and node.value is not None:
            node.value = _let(node.target, node.value)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        self.generic_visit(node)
        node.value = _let(node.target, node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if not self.depth or not isinstance(node.target, ast.Name):
            return node
        # x += e keeps its in-place meaning for arrays, and then reports the new x in the place of the old one
        old, new = ast.Name(node.target.id, ast.Load()), ast.Name(node.target.id, ast.Load())
        before = ast.copy_location(ast.Assign([ast.Name("__before__", ast.Store())], _call("__kept__", old)), node)
        report = _call(LET, ast.Constant(node.target.id), new, ast.Name("__before__", ast.Load()))
        after = ast.copy_location(ast.Assign([ast.Name(node.target.id, ast.Store())], report), node)
        return [before, node, after]

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)
        if self.depth and name in CASTS:
            node.args.insert(0, function)
            node.func = ast.Name(CAST, ast.Load())
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        depth, self.depth = self.depth, 0
        self.generic_visit(node)
        self.depth = depth
        return node

    def _statements(self, statement: ast.stmt) -> list[ast.stmt]:
        rewritten = self.visit(statement)
        return rewritten if isinstance(rewritten, list) else [rewritten]


def _let(target: ast.expr, value: ast.expr) -> ast.expr:
    names = _names(target)
    return value if names is None else ast.copy_location(_call(LET, names, value), value)


def _names(target: ast.expr) -> ast.expr | None:
    """A constant or a tuple of constants in the form of the target; None where there is nothing to name."""
    if isinstance(target, ast.Name):
        return ast.Constant(target.id)
    if isinstance(target, ast.Attribute):
        return ast.Constant(target.attr)
    if isinstance(target, (ast.Tuple, ast.List)) and not any(isinstance(part, ast.Starred) for part in target.elts):
        return ast.Tuple([_names(part) or ast.Constant(None) for part in target.elts], ast.Load())
    return None


def _accumulates(target: ast.expr, value: ast.expr) -> str | None:
    """The name of x in `x = x + e` or `x = x + e - f`."""
    while isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
        value = value.left
        if isinstance(target, ast.Name) and isinstance(value, ast.Name) and value.id == target.id:
            return target.id
    return None


def _call(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])
