"""Every loss as a formula over one row of outputs, and the penalties."""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
import sympy

from gradcheck.network.names import parameter_shapes, weight_names
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, symbols, total

Row = Sequence[sympy.Expr]
Rule = Callable[[Row, Row, sympy.Expr, sympy.Rational], sympy.Expr]
# These speak of one row of the outputs at a time; the others of all numbers of a sample.
BY_ROW = ("softmax_cross_entropy", "gaussian", "cosine", "contrastive")
NORMALISED = ("softmax_cross_entropy",)


def log_sum_exp(outputs: Row) -> sympy.Expr:
    """log Σ exp(z): what the softmax cross-entropy is normalised by."""
    return sympy.log(sympy.Add(*(sympy.exp(z) for z in outputs)))


def softmax_cross_entropy(out: Row, y: Row, norm: sympy.Expr, smoothing: sympy.Rational) -> sympy.Expr:
    """-Σ y'·(z - log Σ exp z) with y' = (1 - s)·y + s/K, the smoothed labels."""
    smooth = [(1 - smoothing) * t + smoothing / len(out) for t in y]
    return sympy.Add(*(-t * (z - norm) for z, t in zip(out, smooth, strict=True)))


def huber(out: Row, y: Row, norm: sympy.Expr, width: sympy.Rational) -> sympy.Expr:
    """Σ d²/2 up to the width, width·(|d| - width/2) beyond (Huber 1964)."""
    gaps = [a - t for a, t in zip(out, y, strict=True)]
    return sympy.Add(
        *(sympy.Piecewise((d**2 / 2, sympy.Abs(d) <= width), (width * (sympy.Abs(d) - width / 2), True)) for d in gaps)
    )


def gaussian(out: Row, y: Row, norm: sympy.Expr, _: sympy.Rational) -> sympy.Expr:
    """½·Σ(log variance + (y - mean)²/variance): the negative log-likelihood but for its constant."""
    means, logs = out[: len(y)], out[len(y) :]
    return sympy.Add(*((s + (t - m) ** 2 * sympy.exp(-s)) / 2 for m, s, t in zip(means, logs, y, strict=True)))


def cosine(out: Row, y: Row, norm: sympy.Expr, _: sympy.Rational) -> sympy.Expr:
    """1 - out·y/(|out|·|y|)."""
    dot = sympy.Add(*(a * t for a, t in zip(out, y, strict=True)))
    lengths = [sympy.sqrt(sympy.Add(*(one**2 for one in row))) for row in (out, y)]
    return 1 - dot / (lengths[0] * lengths[1])


def contrastive(out: Row, y: Row, norm: sympy.Expr, margin: sympy.Rational) -> sympy.Expr:
    """½·(y·d² + (1 - y)·max(0, margin - d)²), d the distance of the two halves (Hadsell 2006)."""
    half = len(out) // 2
    square = sympy.Add(*((a - b) ** 2 for a, b in zip(out[:half], out[half:], strict=True)))
    apart = sympy.Max(0, margin - sympy.sqrt(square))
    return (y[0] * square + (1 - y[0]) * apart**2) / 2


LOSS_RULES: dict[str, Rule] = {
    "half_square": lambda out, y, *_: sympy.Add(*((t - a) ** 2 / 2 for a, t in zip(out, y, strict=True))),
    "mean_square": lambda out, y, *_: sympy.Add(*((t - a) ** 2 / len(out) for a, t in zip(out, y, strict=True))),
    "binary_cross_entropy": lambda out, y, *_: sympy.Add(
        *(sympy.log(1 + sympy.exp(z)) - t * z for z, t in zip(out, y, strict=True))
    ),
    "softmax_cross_entropy": softmax_cross_entropy,
    "output": lambda out, y, *_: sympy.Add(*out),
    "huber": huber,
    "hinge": lambda out, y, *_: sympy.Add(*(sympy.Max(0, 1 - t * z) for z, t in zip(out, y, strict=True))),
    "gaussian": gaussian,
    "poisson": lambda out, y, *_: sympy.Add(*(sympy.exp(z) - t * z for z, t in zip(out, y, strict=True))),
    "cosine": cosine,
    "contrastive": contrastive,
}


def read_loss(sheet: Sheet, out: Exprs, targets: Exprs) -> None:
    """Defines the loss of every sample and of the batch, "Loss" last."""
    network = sheet.network
    word = "DataLoss" if network.l1 or network.l2 else "Loss"
    losses = [_sample(sheet, word, sample, out[sample], targets[sample]) for sample in range(sheet.samples)]
    if sheet.samples > 1:
        share = sympy.Integer(sheet.samples if network.reduction == "mean" else 1)
        losses = [sheet.define(word, total([loss / share for loss in losses]))]
    if word != "Loss":
        _penalise(sheet, losses[0])


def _sample(sheet: Sheet, word: str, sample: int, out: Exprs, targets: Exprs) -> sympy.Symbol:
    network = sheet.network
    rows = prod(out.shape[:-1]) if network.loss in BY_ROW else 1
    setting = sympy.Rational(repr(network.setting_of_loss))
    terms = []
    for row, (one, y) in enumerate(zip(out.reshape(rows, -1), targets.reshape(rows, -1), strict=True)):
        place = f"[{row}]" if rows > 1 else ""
        norm = sympy.Integer(0)
        if network.loss in NORMALISED:
            norm = sheet.define(_name(sheet, f"logsumexp{place}", sample), log_sum_exp(list(one)))
        terms.append(LOSS_RULES[network.loss](list(one), list(y), norm, setting))
    return sheet.define(_name(sheet, word, sample), total(terms))


def _penalise(sheet: Sheet, loss: sympy.Symbol) -> None:
    """Defines the penalty and the whole loss."""
    network, shapes = sheet.network, parameter_shapes(sheet.network)
    weights = np.concatenate([np.ravel(symbols(name, shapes[name])) for name in weight_names(network)])
    l1, l2 = sympy.Rational(repr(network.l1)), sympy.Rational(repr(network.l2))
    terms = [l1 * sympy.Abs(w) + l2 / 2 * w**2 for w in weights]
    sheet.define("Loss", loss + sheet.define("Penalty", total(terms)))


def _name(sheet: Sheet, word: str, sample: int) -> str:
    if sheet.samples == 1:
        return word
    return f"{word}_{sample + 1}" if sheet.network.naming == "article" else f"{word}[{sample}]"
