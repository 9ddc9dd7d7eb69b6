"""One case or more for every primitive that has a derivative: arguments off the kinks, and settings."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

A = np.array([[0.31, -0.72, 1.13], [-1.64, 0.95, -0.27]])
B = np.array([[0.83, 0.61, -0.97], [1.21, -0.58, 0.76]])
ROW = np.array([0.77, -1.06, 0.52])
INSIDE = A / 3
ABOVE = np.abs(A) + 0.5
Z = (A + 1j * B) / 2
Y = B - 0.7j * A
SQUARE = np.array([[1.31, 0.2, -0.33], [0.44, -1.17, 0.29], [-0.15, 0.62, 0.98]])
STACK = np.stack([SQUARE, SQUARE[::-1] + 0.1])
COMPLEX_SQUARE = SQUARE + 1j * np.array([[0.2, -0.4, 0.1], [0.3, 0.5, -0.2], [-0.6, 0.1, 0.7]])
POSITIVE = SQUARE @ SQUARE.T + np.eye(3)
HERMITIAN = COMPLEX_SQUARE @ COMPLEX_SQUARE.conj().T + np.eye(3)
IMAGE = np.cos(1.7 * np.arange(2 * 4 * 5)).reshape(2, 4, 5)
WINDOW = {"window": (2, 3), "stride": (2, 1), "dilation": (1, 2)}


@dataclass(frozen=True)
class Case:
    name: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name}-{self.note}" if self.note else self.name


def _unary() -> list[Case]:
    anywhere = "identity neg exp expm1 square sin cos sinh cosh tanh arctan arcsinh sigmoid softplus erf erfc"
    anywhere += " normal_below abs relu"
    cases = [Case(name, (A,)) for name in anywhere.split()]
    cases += [Case(name, (INSIDE,)) for name in ("arcsin", "arccos", "arctanh", "tan")]
    cases += [Case(name, (ABOVE,)) for name in ("log", "log1p", "sqrt", "reciprocal")] + [Case("arccosh", (ABOVE + 1,))]
    holomorphic = "neg exp expm1 log log1p sqrt square sin cos tan sinh cosh tanh arctan arcsinh sigmoid"
    cases += [Case(name, (Z,), note="complex") for name in (holomorphic + " softplus abs conj real imag").split()]
    cases += [Case("reciprocal", (Z + 1.5,), note="complex")]
    return cases + [Case(name, (A,), note="real") for name in ("conj", "real", "imag")]


def _binary() -> list[Case]:
    cases = []
    for name in ("add", "sub", "mul", "div", "maximum", "minimum", "logaddexp", "arctan2"):
        shapes = {"": (A, B), "row": (A, ROW), "outer": (A[:, :1], B[:1] + 0.03), "number": (np.array(0.68), B)}
        cases += [Case(name, pair, note=note) for note, pair in shapes.items()]
    cases += [Case(name, (Z, Y), note="complex") for name in ("add", "sub", "mul", "div", "pow")]
    cases += [Case(name, (A, Y), note="mixed") for name in ("add", "sub", "mul", "div")]
    cases += [Case("pow", (ABOVE, B)), Case("pow", (ABOVE, ROW), note="row"), Case("pow", (A, 3), note="constant")]
    mask = np.array([[True, False, True], [False, False, True]])
    cases += [
        Case("where", (mask, A, B)),
        Case("where", (mask, A, ROW), note="row"),
        Case("where", (mask, A, Y), note="mixed"),
    ]
    return cases


def _reductions() -> list[Case]:
    axes = {"all": None, "rows": (0,), "last": (1,), "both": (0, 1)}
    names = ("sum", "max", "min", "logsumexp", "norm")
    cases = [
        Case(name, (A,), {"axis": axis, "keepdims": keep}, f"{note}{'-kept' if keep else ''}")
        for name in names
        for note, axis in axes.items()
        for keep in (False, True)
    ]
    cases += [Case(name, (Z,), {"axis": (1,), "keepdims": False}, "complex") for name in ("sum", "norm")]
    cases += [Case("softmax", (A,), {"axis": axis}, f"axis {axis}") for axis in (0, 1)]
    return [*cases, *(Case("cumsum", (IMAGE,), {"axis": axis}, f"axis {axis}") for axis in (0, 1, 2))]


def _shapes() -> list[Case]:
    rows = np.array([0, 1, 0])
    index = {
        "slice": (slice(None), slice(0, None, 2)),
        "number": 1,
        "new axis": (None, 1, Ellipsis),
        "twice": (rows,),
        "pairs": (rows, np.array([2, 2, 2])),
        "mask": np.array([[True, False, True], [False, False, True]]),
        "reversed": (slice(None, None, -1),),
    }
    apart = {"indices": ((slice(0, 2),), (slice(3, 5),)), "shape": (6, 3)}
    overlapping = {"indices": ((slice(0, 2),), (slice(1, 3),)), "shape": (3, 3)}
    numbers = {"indices": (np.array([1, 1]), np.array([0, 3])), "shape": (4, 3)}
    return [
        Case("reshape", (A,), {"shape": (3, 2)}),
        Case("transpose", (IMAGE,), {"axes": (2, 0, 1)}),
        Case("broadcast_to", (ROW,), {"shape": (2, 3)}),
        Case("broadcast_to", (A[:, :1],), {"shape": (4, 2, 3)}, "both"),
        Case("astype", (A,), {"dtype": np.dtype(np.complex128)}),
        *(Case("take", (A,), {"index": one}, note) for note, one in index.items()),
        *(Case("put", (A, B[one]), {"index": one}, note) for note, one in index.items()),
        Case("put", (A, ROW), {"index": slice(0, 2)}, "spread"),
        Case("assemble", (A, B), apart, "apart"),
        Case("assemble", (A, B), overlapping, "overlapping"),
        Case("assemble", (A, B), numbers, "numbers"),
        Case("concatenate", (A, B, A[:1]), {"axis": 0}),
        Case("concatenate", (Z, B[:, :2]), {"axis": 1}, "mixed"),
        Case("windows", (IMAGE,), WINDOW),
        Case(
            "unwindows", (np.sin(np.arange(2 * 2 * 1 * 2 * 3.0)).reshape(2, 2, 1, 2, 3),), {**WINDOW, "sizes": (4, 5)}
        ),
    ]


def _linear() -> list[Case]:
    sums = {
        "ij,kj->ik": (A, B),
        "ij,ij->": (A, B),
        "ij,j,i->ij": (A, ROW, ROW[:2]),
        "ii->i": (SQUARE,),
        "ii,jk->j": (SQUARE, A),
        "ij->j": (A,),
        "ij->ji": (A,),
        "bij,bjk->bik": (STACK, STACK + 0.3),
    }
    return [
        Case("matmul", (A, SQUARE)),
        Case("matmul", (STACK, SQUARE), note="stack"),
        Case("matmul", (SQUARE, STACK), note="stack on the right"),
        Case("matmul", (Z, COMPLEX_SQUARE), note="complex"),
        Case("matmul", (A, COMPLEX_SQUARE), note="mixed"),
        *(Case("einsum", args, {"subscripts": text}, text) for text, args in sums.items()),
        Case("einsum", (Z, Y), {"subscripts": "ij,kj->ik"}, "complex"),
        *(Case(name, (SQUARE,)) for name in ("inv", "det", "logdet")),
        *(Case(name, (STACK,), note="stack") for name in ("inv", "det", "logdet")),
        *(Case(name, (COMPLEX_SQUARE,), note="complex") for name in ("inv", "det", "logdet")),
        Case("solve", (SQUARE, A.T)),
        Case("solve", (STACK, A.T), note="stack"),
        Case("solve", (COMPLEX_SQUARE, Z.T), note="complex"),
        Case("cholesky", (POSITIVE,)),
        Case("cholesky", (np.stack([POSITIVE, 2 * POSITIVE + np.eye(3)]),), note="stack"),
        Case("cholesky", (HERMITIAN,), note="complex"),
    ]


CASES = [*_unary(), *_binary(), *_reductions(), *_shapes(), *_linear()]
