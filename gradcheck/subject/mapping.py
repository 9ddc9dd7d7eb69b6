"""By their names: which variable of a script is the loss, and which holds the gradient of a parameter."""

import ast
import re
import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass

# The likeliest first. What only keeps, smooths or bounds a loss is none.
LOSS_NAMES = (
    r"(total_?)?(loss|cost)(_?(total|value|val|fn))?",
    r"(?!.*(hist|list|log|losses|costs|prev|old|last|avg|mean_|smooth|best|min|max|thresh|tol)).*(loss|cost).*",
    r"[JLEClj]|E_?total|obj|objective|nll|mse|sse|rmse|ce|bce|cross_entropy|energy",
    r"(total_?)?(error|err)(_?total)?|e",
)
LETTERS, ERRORS = 2, 3  # the places of two kinds of names in that table
# What a pair of names calls the loss where no variable goes by it: dL_dw1 for the gradient of `loss`.
LOSS_WORDS = (
    "Loss",
    "loss",
    "L",
    "l",
    "E",
    "E_total",
    "Etotal",
    "e",
    "error",
    "err",
    "Error",
    "C",
    "cost",
    "Cost",
    "J",
)
PAIRS = (
    "d{of}_d{by}", "d_{of}_d_{by}", "d{of}d{by}", "d_{of}_d{by}", "d{of}_{by}", "pd_{of}_wrt_{by}", "d{of}_by_d{by}",
    "partial_{of}_partial_{by}", "partial_{of}_{by}", "grad_{of}_{by}", "d{of}_wrt_{by}",
)  # fmt: skip
SINGLES = (
    "d{by}", "d_{by}", "D{by}", "grad_{by}", "{by}_grad", "g{by}", "g_{by}", "{by}_g", "gradient_{by}", "{by}_gradient",
    "grad{by}", "{by}grad", "nabla_{by}", "del_{by}", "d{by}_sum", "d{by}_total", "sum_d{by}", "total_d{by}",
    "grad_{by}_sum", "sum_grad_{by}", "{by}_d", "d{by}s", "grads_{by}",
)  # fmt: skip
# A dict or list of all parameters, and what one of all gradients is called.
CONTAINERS = frozenset({"params", "parameters", "weights", "theta", "thetas", "model", "p", "net", "layers"})
HOLDERS = ("grads", "gradients", "grad", "gradient", "dparams", "derivatives", "g")
# What makes one number of a difference, so that it may be a loss.
MEASURES = frozenset(
    {"log", "log1p", "log2", "square", "abs", "fabs", "absolute", "sum", "mean", "power", "norm", "dot"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a parameter, the variables that may hold its gradient, and why it is not clear which."""

    parameter: str
    gradients: tuple[str, ...]
    unclear: str | None = None


def loss_rank(name: str) -> int | None:
    """How likely a name is that of a loss, 0 for the likeliest; None for no such name."""
    found = (rank for rank, words in enumerate(LOSS_NAMES) if re.fullmatch(words, name, _case(rank)))
    return next(found, None)


def is_residual(value: ast.expr) -> bool:
    """Is it a plain difference, `y - out`? Such an `error` is no loss."""
    inner = value.operand if isinstance(value, ast.UnaryOp) else value
    words = {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(inner)}
    measured = words & MEASURES or any(isinstance(node, ast.Pow) for node in ast.walk(inner))
    return isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub) and not measured


def pairs_of(parameter: str, losses: Collection[str]) -> Iterator[tuple[str, str]]:
    """(variable, what it calls the loss) for every way to write "derivative of the loss by the parameter"."""
    for of in dict.fromkeys((*losses, *LOSS_WORDS)):
        for form in PAIRS:
            yield form.format(of=of, by=parameter), of


def gradients_of(parameter: str, assigned: Collection[str], losses: Collection[str]) -> list[str]:
    """The assigned variables whose names say that they hold the gradient of a parameter, the clearest ones alone.

    `dLoss_dw1` is clearer than `dw1`; both are only looked for in small and capital letters alike where neither is
    there as it should be, and no other variable is meant as it is written (`grad_h` beside a size `H` and a layer `h`).
    """
    exact, singles = _forms_of(parameter, losses)
    holders = HOLDERS if parameter.lower() in CONTAINERS else ()
    for names in (exact, singles, holders):
        found = [name for name in dict.fromkeys(names) if name in assigned and name != parameter]
        if found:
            return found
    folded = {name.lower() for name in (*exact, *singles)}
    others = (one for one in assigned if one.lower() == parameter.lower() and one != parameter)
    meant = {name for one in others for names in _forms_of(one, losses) for name in names}
    return sorted(
        name for name in assigned if name.lower() in folded and name.lower() != parameter.lower() and name not in meant
    )


def _forms_of(parameter: str, losses: Collection[str]) -> tuple[list[str], list[str]]:
    """What the gradient of a parameter may be called: with the loss in its name, and without."""
    return [name for name, _ in pairs_of(parameter, losses)], singles_of(parameter)


def singles_of(parameter: str) -> list[str]:
    """Every way to name a gradient after its parameter alone."""
    return [form.format(by=parameter) for form in SINGLES]


def show_table(rows: Collection[Row]) -> str:
    """The table of parameters and gradients as text, one line each."""
    width = max([len("parameter"), *(len(row.parameter) for row in rows)])
    names = {row.parameter: " or ".join(row.gradients) or "?" for row in rows}
    second = max([len("gradient"), *map(len, names.values())])
    lines = [f"  {'parameter':<{width}}  {'gradient':<{second}}"]
    lines += [f"  {r.parameter:<{width}}  {names[r.parameter]:<{second}}  {r.unclear or ''}".rstrip() for r in rows]
    return "\n".join(line.rstrip() for line in lines)


def read_map(given: Collection[str]) -> dict[str, str]:
    """{"w1": "dLoss_dw1"} of ["w1=dLoss_dw1"]; the gradient may be an expression (`dw1/n`). Raises ValueError."""
    found: dict[str, str] = {}
    for one in given:
        for part in one.split(",") if one.count("=") > 1 else [one]:
            name, equals, gradient = (piece.strip() for piece in part.partition("="))
            if not (name.isidentifier() and equals and gradient):
                raise ValueError(part)
            ast.parse(gradient, mode="eval")
            found[name] = gradient
    return found


def as_options(rows: Collection[Row]) -> str:
    """The --map options that would settle what is not clear, each with its first choice."""
    chosen = ((row.parameter, row.gradients[0] if row.gradients else "NAME") for row in rows if row.unclear)
    return " ".join(f"--map {shlex.quote(f'{name}={gradient}')}" for name, gradient in chosen)


def _case(rank: int) -> int:
    """One letter stands for a loss in one case only, `E` and not `e`; LOSS and Loss are one word."""
    return 0 if rank == LETTERS else re.IGNORECASE
