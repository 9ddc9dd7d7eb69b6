"""Which name in a file is the loss, which the gradient, which the point."""

from types import ModuleType
from typing import Any

from gradcheck.errors import SubjectError

LOSS_NAMES = ("loss", "cost", "objective", "f")
GRAD_NAMES = ("grads", "grad", "gradient", "backward")
POINT_NAMES = ("point", "params", "at")
# How a file without functions is read.
AS_SCRIPT = "in a plain script name the loss loss, and each gradient after its parameter (dw1, grad_w1 for w1)"

# How one that trains an object, or in a function, is read.
AS_TRAINING = (
    "a script that trains needs, in one turn of its loop, its loss in a variable (loss = ...) and each gradient kept "
    "under the name of its parameter (self.dW = ... for self.W, grads['W1'] = ... for params['W1'])"
)


def find_function(module: ModuleType, what: str, looked_for: tuple[str, ...], wanted: str | None = None) -> str:
    """The name of the loss or the gradient function; raises SubjectError with all names that were looked for."""
    names = (wanted,) if wanted else looked_for
    for name in names:
        if callable(getattr(module, name, None)):
            return name
    pair = "--vjp FORWARD,BACKWARD"
    option = {"loss": f"--loss NAME, or {pair}", "gradient": "--grad NAME"}.get(what, pair)
    own = _functions(module)
    mend = f"rename one, or give {option}" if own else f"define one, or {AS_SCRIPT}"
    mend += f"; {AS_TRAINING}" if own and what == "loss" else ""
    raise SubjectError(
        f"{module.__file__} defines no {what}: looked for {_or(names)}; it has {own or 'no functions'}: {mend}"
    )


def find_point(module: ModuleType, wanted: str | None = None) -> Any:
    """The file's own point, a value or a function of a seed; raises SubjectError where there is none."""
    names = (wanted,) if wanted else POINT_NAMES
    for name in names:
        if hasattr(module, name):
            return getattr(module, name)
    raise SubjectError(
        f"{module.__file__} defines no point: looked for {_or(names)}: add point = {{name: value, ...}} or "
        "point(seed) returning such a dict, or give --at NAME or --at FILE.json"
    )


def _functions(module: ModuleType) -> str:
    own = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    return ", ".join(own)


def _or(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
