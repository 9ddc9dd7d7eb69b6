"""The chain rule of one parameter as text: every link with its formula and its number."""

from gradcheck.report.formulas.text import to_pretty
from gradcheck.report.numbers import minus, value
from gradcheck.results.derivations import Definition, Derivation, Path

Row = tuple[str, str, str]


def derivation_to_text(derivation: Derivation) -> str:
    """What is computed on the way, then path by path (or adjoint by adjoint), then the total."""
    blocks = [_title(derivation), _definitions(derivation)]
    if derivation.paths:
        blocks += [_path(path, n, derivation) for n, path in enumerate(derivation.paths, 1)]
    else:
        blocks.append(_deltas(derivation))
    return "\n\n".join([*blocks, _total(derivation)]) + "\n"


def _title(derivation: Derivation) -> str:
    return f"∂{derivation.loss}/∂{derivation.parameter}, step by step"


def _definitions(derivation: Derivation) -> str:
    return "What is computed on the way\n" + _table([_definition(one, one.name) for one in derivation.definitions])


def _definition(one: Definition, name: str) -> Row:
    return name, to_pretty(one.formula), value(one.value)


def _path(path: Path, n: int, derivation: Derivation) -> str:
    rows = [(f"∂{one.of}/∂{one.by}", to_pretty(one.formula), value(one.value)) for one in path.factors]
    title = f"Path {n} of {derivation.path_count}: {' ← '.join(path.names)}"
    part = share(path, derivation)
    return f"{title}{f' ({part})' if part else ''}\n" + _table([*rows, ("product", "", value(path.value))])


def _deltas(derivation: Derivation) -> str:
    count = derivation.path_count
    title = f"{count:,} paths: too many to list, so every value gets its adjoint once, from {derivation.loss} backwards"
    return f"{title}\n" + _table([_definition(one, f"∂{derivation.loss}/∂{one.name}") for one in derivation.deltas])


def _total(derivation: Derivation) -> str:
    left = f"∂{derivation.loss}/∂{derivation.parameter}"
    numbers = [value(path.value) for path in derivation.paths]
    terms = "".join(f" − {x[1:]}" if x.startswith("−") else f" + {x}" for x in numbers[1:])
    middle = f" = {numbers[0]}{terms}" if len(numbers) > 1 else ""
    return f"{left}{middle} = {value(derivation.total)}"


def _table(rows: list[Row]) -> str:
    """Name = formula = number, in columns."""
    first, second = (max((len(row[n]) for row in rows), default=0) for n in (0, 1))
    third = max((len(row[2]) for row in rows), default=0)
    return "\n".join(f"  {a.ljust(first)} {'=' if b else ' '} {b.ljust(second)} = {c.rjust(third)}" for a, b, c in rows)


def share(path: Path, derivation: Derivation) -> str:
    """What a path gives to the sum, in per cent; empty where it is all there is, or where the sum is 0."""
    if not derivation.total or derivation.path_count == 1:
        return ""
    return minus(f"{100 * path.value / derivation.total:.3g} % of the sum")
