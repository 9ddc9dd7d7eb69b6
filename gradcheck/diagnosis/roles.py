"""What the names in a backward pass promise: `dneth2_dw3` is ∂neth2/∂w3, `dW1` is the gradient of W1."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

# Names that stand for the loss in front of `_d...`, where the code has no variable of that name.
LOSS_WORDS = frozenset(
    {"L", "l", "J", "j", "E", "C", "Loss", "loss", "Cost", "cost", "Error", "error", "err", "E_total", "Etotal", "obj"}
)
# (before the first name, between the two): dneto_douth1, d_out_d_net, pd_error_wrt_out, dL_by_dw, dLdw.
PAIRS = (
    *(("d_", "_d_"), ("d", "_d"), ("d_", "_d"), ("d", "_d_"), ("partial_", "_partial_")),
    *((start, between) for start in ("pd_", "d_", "d", "partial_", "grad_") for between in ("_wrt_", "_by_d", "_by_")),
    ("d", "d"),
)
# Before or behind the one name of a gradient: longer ones first, for `grad_W` is no `g` of `rad_W`.
BEFORE = ("gradient_", "grad_", "grad", "delta_", "nabla_", "adj_", "bar_", "del_", "d_", "g_", "d", "g")
BEHIND = ("_gradient", "_grad", "_adj", "_bar", "Grad", "bar", "_d")
# `delta2` belongs to a layer, not to a name: its value before the activation, under one of its usual names.
LAYER = re.compile(r"(?:delta|d)_?(?P<number>\d+)")
BEFORE_ACTIVATION = ("z", "Z", "net", "neth", "s", "pre", "u")
# What a dict of gradients is called: g["W1"], self.grads["W1"].
HOLDERS = re.compile(r"(?:\w+\.)*(?:g|d|\w*grads?|\w*gradients?|d_?params?)")
KEYED = re.compile(r"""(?P<base>.+)\[(["'])(?P<key>\w+)\2\]""")
INDEXED = re.compile(r"(?P<base>[^\[]+)(?P<index>\[.+\])")


@dataclass(frozen=True, slots=True)
class Role:
    """∂of/∂by; `of` is None for the loss. explicit: both ends stand in the name, so that it can mean nothing else."""

    of: str | None
    by: str
    explicit: bool = False

    @property
    def text(self) -> str:
        """`∂neth2/∂w3`; a loss without a name of its own is called so."""
        return f"∂{self.of or 'loss'}/∂{self.by}"


def role_of(name: str, known: Collection[str]) -> Role | None:
    """What a variable promises by its name: a partial between two `known` names, or the gradient of one; else None.

    Both ends are explicit in `dneth2_dw3`, `d_out_d_net`, `dL_dw`, `dLdw`, `pd_error_wrt_out`; only one stands in
    `dW1`, `d_h1`, `grad_W`, `gW`, `W_grad`, `delta_out`, `delta1`, so that what these promise is a habit.
    """
    if name in known:
        return None
    found = (*_pairs(name, known), *_singles(name, known), *_layers(name, known))
    return next(iter(found), None)


def role_of_target(target: str, known: Collection[str]) -> Role | None:
    """The same for what stands before `=`: `self.dW1`, `grads["W1"]`, `grads["dW1"]`, `dW[l]` (of `W[l]`)."""
    if keyed := KEYED.fullmatch(target):
        is_held = keyed["key"] in known and HOLDERS.fullmatch(keyed["base"])
        return Role(None, keyed["key"]) if is_held else role_of(keyed["key"], known)
    if indexed := INDEXED.fullmatch(target):
        role = role_of_target(indexed["base"], known)
        return role and Role(role.of, role.by + indexed["index"], role.explicit)
    return role_of(target.rpartition(".")[2], known)


def _pairs(name: str, known: Collection[str]) -> Iterator[Role]:
    """Every way to read the name as two names, both known; the loss may go by a word of its own."""
    for start, between in PAIRS:
        for of, by in _cuts(name.removeprefix(start), between) if name.startswith(start) else ():
            if by in known and (of in known or of in LOSS_WORDS):
                yield Role(of if of in known else None, by, explicit=True)


def _cuts(text: str, between: str) -> Iterator[tuple[str, str]]:
    """Every way to cut a text in two at these letters."""
    place = text.find(between, 1)
    while place > 0:
        yield text[:place], text[place + len(between) :]
        place = text.find(between, place + 1)


def _singles(name: str, known: Collection[str]) -> Iterator[Role]:
    """Every way to read the name as the gradient of one known name."""
    rests = [name.removeprefix(one) for one in BEFORE if name.startswith(one)]
    rests += [name.removesuffix(one) for one in BEHIND if name.endswith(one)]
    return (Role(None, rest) for rest in rests if rest in known)


def _layers(name: str, known: Collection[str]) -> Iterator[Role]:
    found = LAYER.fullmatch(name)
    names = [stem + found["number"] for stem in BEFORE_ACTIVATION] if found else []
    return (Role(None, one) for one in names if one in known)
