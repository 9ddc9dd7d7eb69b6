"""What broadcasting spread is summed over on the way back."""

import ast

Shape = tuple[int, ...]


def summed_to(node: ast.expr, shape: Shape, spread: Shape) -> ast.expr:
    """The expression, of shape `spread`, summed to the shape that was broadcast to it."""
    if shape == spread:
        return node
    lead = len(spread) - len(shape)
    kept = [axis for axis in range(lead, len(spread)) if shape[axis - lead] == 1 != spread[axis]]
    if not shape:
        return _sum(node, "")
    if lead:
        node = _sum(node, f"axis={_told(list(range(lead)))}")
        kept = [axis - lead for axis in kept]
    return _sum(node, f"axis={_told(kept)}, keepdims=True") if kept else node


def _told(axes: list[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def _sum(node: ast.expr, options: str) -> ast.expr:
    call = ast.parse(f"np.sum(u, {options})" if options else "np.sum(u)", mode="eval").body
    assert isinstance(call, ast.Call)
    call.args = [node]
    return call
