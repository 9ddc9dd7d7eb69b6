"""Self-attention of whole batches."""

from typing import Any

import numpy as np

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.notebooks import Notebook, affine
from gradcheck.network.attention import Attention
from gradcheck.network.stations import Station

# A score that no other comes near: exp(-1e9) is 0, and so is its slope.
HIDDEN = -1e9


def read_attention(book: Notebook, station: Station, layer: Attention, x: Any) -> Any:
    """softmax(q·kᵀ/√size)·v in each head, the heads side by side, times Woᵀ."""
    samples, steps, features = x.shape
    q, k, v = (book.note(role, station, affine(x, book.parameter(f"W{role}", station))) for role in "qkv")
    heads = (samples, steps, layer.heads, features // layer.heads)
    q, k, v = (xp.transpose(xp.reshape(one, heads), (0, 2, 1, 3)) for one in (q, k, v))
    scores = xp.matmul(q, xp.swapaxes(k, -1, -2)) / np.sqrt(features // layer.heads)
    if layer.causal:
        scores = xp.where(np.tril(np.ones((steps, steps), dtype=bool)), scores, HIDDEN)
    context = xp.transpose(xp.matmul(xp.softmax(scores, -1), v), (0, 2, 1, 3))
    context = book.note("c", station, xp.reshape(context, (samples, steps, features)))
    return book.note("a", station, affine(context, book.parameter("Wo", station)))
