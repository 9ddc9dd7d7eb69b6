"""The chain rule of one parameter as text: every link with its formula and its number."""

from collections import Counter
from collections.abc import Sequence

from gradcheck.report.formulas.text import to_pretty
from gradcheck.report.numbers import minus, value
from gradcheck.results.derivations import Definition, Derivation, Path

Row = tuple[str, str, str]
LEAVES_OUT = "…"
LEFT_OUT = (
    f"{LEAVES_OUT} stands for what is too much to be read: --format html has all of it; on fewer rows of data, or at a "
    "smaller point by --at, it is short."
)
# So many values are read one by one; of more, these of every array. So many paths; of more, these. So long a formula.
MANY, FEW, PATHS, SOME, WIDE = 40, 2, 8, 4, 120


def derivation_to_text(derivation: Derivation) -> str:
    """What is computed on the way, then path by path (or adjoint by adjoint), then the total.

    Beyond what can be read, values, paths and the ends of formulas are left out, and it is said where all of it is.
    """
    blocks = [_title(derivation), _definitions(derivation)]
    if derivation.paths:
        telling = _telling(derivation.paths)
        numbered = [(n, path) for n, path in enumerate(derivation.paths, 1) if path in telling]
        blocks += [_path(path, n, derivation) for n, path in numbered]
        left = len(derivation.paths) - len(numbered)
        blocks += [f"{LEAVES_OUT} {left} more paths, each of which gives less"] if left else []
    else:
        blocks.append(_deltas(derivation))
    text = "\n\n".join([*blocks, _total(derivation)]) + "\n"
    return f"{text}\n{LEFT_OUT}\n" if LEAVES_OUT in text else text


def _title(derivation: Derivation) -> str:
    return f"∂{derivation.loss}/∂{derivation.parameter}, step by step"


def _definitions(derivation: Derivation) -> str:
    return "What is computed on the way\n" + _listed(derivation.definitions, "{}")


def _listed(definitions: Sequence[Definition], named: str) -> str:
    """A table of values; of too many, the first of every array, and how many more there are."""
    is_long, kept, left = len(definitions) > MANY, list[Definition](), Counter[str]()
    for one in definitions:
        array = one.name.partition("[")[0]
        if is_long and sum(other.name.partition("[")[0] == array for other in kept) >= FEW:
            left[array] += 1
        else:
            kept.append(one)
    rows = [(named.format(one.name), _short(to_pretty(one.formula)), value(one.value)) for one in kept]
    return "\n".join([_table(rows), *(f"  {LEAVES_OUT} {count} more of {array}" for array, count in left.items())])


def _short(formula: str) -> str:
    """A formula that fits a line, cut between two of its terms."""
    if len(formula) <= WIDE:
        return formula
    begin = formula[:WIDE]
    end = max(begin.rfind(" + "), begin.rfind(" − "))
    return f"{begin[:end]} + {LEAVES_OUT}" if end > 0 else f"{begin} {LEAVES_OUT}"


def _path(path: Path, n: int, derivation: Derivation) -> str:
    rows = [(f"∂{one.of}/∂{one.by}", _short(to_pretty(one.formula)), value(one.value)) for one in path.factors]
    title = f"Path {n} of {derivation.path_count}: {' ← '.join(path.names)}"
    part = share(path, derivation)
    return f"{title}{f' ({part})' if part else ''}\n" + _table([*rows, ("product", "", value(path.value))])


def _deltas(derivation: Derivation) -> str:
    count = derivation.path_count
    title = f"{count:,} paths: too many to list, so every value gets its adjoint once, from {derivation.loss} backwards"
    return f"{title}\n" + _listed(derivation.deltas, f"∂{derivation.loss}/∂{{}}")


def _total(derivation: Derivation) -> str:
    left = f"∂{derivation.loss}/∂{derivation.parameter}"
    telling = _telling(derivation.paths)
    numbers = [value(path.value) for path in derivation.paths if path in telling]
    terms = "".join(f" − {x[1:]}" if x.startswith("−") else f" + {x}" for x in numbers[1:])
    terms += f" + {LEAVES_OUT}" if len(telling) < len(derivation.paths) else ""
    middle = f" = {numbers[0]}{terms}" if len(numbers) > 1 else ""
    return f"{left}{middle} = {value(derivation.total)}"


def _telling(paths: Sequence[Path]) -> list[Path]:
    """The paths that are read one by one: of too many, those that give most."""
    return sorted(paths, key=lambda path: -abs(path.value))[: SOME if len(paths) > PATHS else None]


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
