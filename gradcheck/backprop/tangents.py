"""Forward mode: every value carries its tangent along."""

from collections.abc import Callable
from typing import Any

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.tape import real_if
from gradcheck.backprop.variables import Variable, apply, next_level


class Tangents:
    """One forward sweep; the mark of its variables is their tangent."""

    def __init__(self) -> None:
        self.level = next_level()
        self.is_writable = False

    def variable(self, value: Any, tangent: Any) -> Variable:
        """A variable of this sweep with its tangent."""
        return Variable(value, self, tangent)

    def run(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The primitive's value with its tangent; plain where no argument with a derivative has one."""
        dots = [arg.mark if type(arg) is Variable and arg.sweep is self else None for arg in args]
        values = [arg if dot is None else arg.value for dot, arg in zip(dots, args, strict=True)]
        y = apply(name, *values, **options)
        y_dot = _pushed(name, dots, y, values, options)
        return y if y_dot is None else Variable(y, self, real_if(y_dot, y))

    def settle(self, variable: Variable, kind: Callable[[Any], Any]) -> Any:
        """The plain value; what hangs on it is not differentiated."""
        return kind(variable.value)


def _pushed(name: str, dots: list[Any], y: Any, values: list[Any], options: dict[str, Any]) -> Any:
    """The tangent of the value, the sum over the arguments that have one."""
    primitive, y_dot = PRIMITIVES[name], None
    if primitive.variadic:
        joint = primitive.jvps[0]
        return None if joint is None else joint(dots, y, *values, **options)
    for dot, rule in zip(dots, primitive.jvps, strict=False):
        if dot is not None and rule is not None:
            share = rule(dot, y, *values, **options)
            y_dot = share if y_dot is None else apply("add", y_dot, share)
    return y_dot
