"""Self-attention, read head by head, score by score."""

import numpy as np
import sympy

from gradcheck.network.attention import Attention
from gradcheck.network.stations import Station
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, product_sum, total


def read_attention(sheet: Sheet, station: Station, layer: Attention, x: Exprs) -> Exprs:
    """q, k, v; scores e, their shares p, contexts c of every head; a = Wo·c."""
    q, k, v = (sheet.define_all(role, station, _times(sheet, station, role, x)) for role in "qkv")
    context = np.empty(x.shape, dtype=object)
    size = station.entering[-1] // layer.heads
    for sample, head in np.ndindex(x.shape[0], layer.heads):
        part = (sample, slice(None), slice(head * size, (head + 1) * size))
        context[part] = _head(sheet, station, (sample, head), (q[part], k[part], v[part]), layer.causal)
    return sheet.define_all("a", station, _times(sheet, station, "o", sheet.define_all("c", station, context)))


def _times(sheet: Sheet, station: Station, role: str, x: Exprs) -> Exprs:
    """W·x along the last axis."""
    weights = sheet.parameter(f"W{role}", station)
    found = np.empty(x.shape, dtype=object)
    for *row, unit in np.ndindex(x.shape):
        found[(*row, unit)] = product_sum(weights[unit], x[tuple(row)])
    return found


def _head(sheet: Sheet, station: Station, place: tuple[int, int], qkv: tuple[Exprs, ...], causal: bool) -> Exprs:
    """softmax(q·kᵀ/√size)·v of one head, (steps, size); causal: step t sees steps up to t."""
    q, k, v = qkv
    root = sympy.sqrt(q.shape[1])
    context = np.empty(q.shape, dtype=object)
    for t in range(len(q)):
        below = range(t + 1 if causal else len(k))
        scores = [product_sum(q[t], k[s]) / root for s in below]
        e = [sheet.define(sheet.name("e", station, (*place, t, s)), score) for s, score in enumerate(scores)]
        whole = sheet.define(sheet.name("s", station, (*place, t)), total([sympy.exp(one) for one in e]))
        shares = [sympy.exp(one) / whole for one in e]
        p = [sheet.define(sheet.name("p", station, (*place, t, s)), share) for s, share in enumerate(shares)]
        context[t] = [product_sum(np.array(p, dtype=object), v[: len(p), j]) for j in range(v.shape[1])]
    return context
