"""Why the names under which gradients are returned were wrong, in words."""

import ast

from gradcheck.diagnosis.changes import text_of


def returned_reason(old: ast.AST, new: ast.AST, after: ast.stmt) -> str:
    """The reason where a dict of gradients changed: a name, a missing one; else empty."""
    if isinstance(new, ast.Dict) and isinstance(old, ast.Dict):
        return _missing(old, new)
    if _is_text(old) and _is_text(new) and isinstance(getattr(after, "value", None), ast.Dict):
        return f"the gradient returned as `{text_of(old)}` is that of `{text_of(new)}`"
    return ""


def _missing(old: ast.Dict, new: ast.Dict) -> str:
    """What the new dict has beyond the old one."""
    had = {text_of(key) for key in old.keys if key is not None}
    more = [(text_of(k), text_of(v)) for k, v in zip(new.keys, new.values, strict=True) if k and text_of(k) not in had]
    if not more or len(new.keys) != len(old.keys) + len(more):
        return ""
    return "; ".join(f"the entry `{key}` is missing: `{value}` is its gradient" for key, value in more)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
