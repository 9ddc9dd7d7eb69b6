"""A user's own layer, read by running its formula on expressions; what grows long in there gets a name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from gradcheck.labels import by_label, label
from gradcheck.network.own import Own
from gradcheck.network.stations import Station
from gradcheck.results.arrays import Floats
from gradcheck.symbolic.partials import ensure_size
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, each, product_sum, symbols
from gradcheck.symbolic.readings.stand_ins import Written
from gradcheck.symbolic.systems import System, symbol

# An expression of more parts than these is named before something else is made of it. An LSTM over three steps took
# 0.21, 0.22, 0.40, 1.5 and 2.0 s with 4, 8, 16, 32 and 64, attention 0.14, 0.18, 0.54, 0.88 and 1.4: the fewest names
# that cost no time.
LONGEST = 8


def read_own(sheet: Sheet, station: Station, layer: Own, x: Exprs) -> Exprs:
    """a = what the formula makes of x; `t2_1[0,1]` is an entry of the first array that is named on the way."""
    params = {letters: sheet.parameter(letters, station) for letters in layer.parameters(station.entering)}
    return sheet.define_all("a", station, _outputs(layer, x, params, Names(f"t{station.number}", sheet.define)))


def system_of_layer(layer: Own, arrays: Mapping[str, Floats], weights: Floats) -> System:
    """Σ weights·y of a layer alone, y the formula at these arrays: x and the parameters by their names."""
    entered = {name: symbols(name, array.shape) for name, array in arrays.items()}
    definitions: dict[str, sympy.Expr] = {}

    def define(name: str, expr: sympy.Expr) -> sympy.Symbol:
        definitions[name] = expr
        ensure_size(len(definitions))
        return symbol(name)

    params = {name: exprs for name, exprs in entered.items() if name != "x"}
    y = _outputs(layer, entered["x"], params, Names("t", define))
    y = each(y, lambda index, expr: define(label("y", index), expr))
    define("Loss", product_sum(y, np.frompyfunc(sympy.Rational, 1, 1)(weights)))
    values = by_label(arrays)
    return System(values, definitions, "Loss", tuple(values))


@dataclass(slots=True)
class Names:
    """Gives names to long expressions, the same to the same one."""

    word: str
    define: Callable[[str, sympy.Expr], sympy.Symbol]
    given: dict[sympy.Expr, sympy.Symbol] = field(default_factory=dict)
    arrays: int = 0

    def keep(self, exprs: Exprs) -> Exprs:
        """The array with a symbol in the place of every long expression."""
        new = [one for one in exprs.flat if one not in self.given and _is_long(one)]
        self.arrays += bool(new)
        return each(exprs, self._short)

    def _short(self, index: tuple[int, ...], expr: sympy.Expr) -> sympy.Expr:
        if expr not in self.given and _is_long(expr):
            self.given[expr] = self.define(label(f"{self.word}_{self.arrays}", index), expr)
        return self.given.get(expr, expr)


def _outputs(layer: Own, x: Exprs, params: Mapping[str, Exprs], names: Names) -> Exprs:
    entered = {letters: Written(exprs, names.keep) for letters, exprs in params.items()}
    y: Any = layer.computed(Written(x, names.keep), entered)
    return y.exprs if isinstance(y, Written) else Written(np.asarray(y)).exprs


def _is_long(expr: sympy.Expr) -> bool:
    """Has it more parts than LONGEST? Conditions stay as they are."""
    if not isinstance(expr, sympy.Expr):
        return False
    return sum(1 for _ in zip(sympy.preorder_traversal(expr), range(LONGEST + 1), strict=False)) > LONGEST
