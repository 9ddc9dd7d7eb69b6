"""The turns of a script that may be its training, each with what stands before it."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.errors import SubjectError
from gradcheck.subject.dataflow import SCOPES, writes
from gradcheck.subject.iterations import taken_apart
from gradcheck.subject.mapping import loss_rank
from gradcheck.subject.opening import opened
from gradcheck.subject.steps import Chain, chains_of

# So many places are tried where a script without a loop may begin to compute.
PLACES = 24


@dataclass(frozen=True, eq=False)
class Turn:
    """`setup` runs once; `body` is one turn of the loop on `line` (None: there is no loop)."""

    setup: tuple[ast.stmt, ...]
    body: tuple[ast.stmt, ...]
    line: int | None


def turns_of(tree: ast.Module, loss: str | None = None) -> list[Turn]:
    """Every turn that a loss is computed in: of the innermost loop first; then the script as it stands, the latest
    beginning first.
    """
    block = opened(tree, loss)
    chains = [chain for chain, one in chains_of(block, ()) if loss_names([one], loss)]
    loops = {id(chain[n - 1]): chain[:n] for chain in chains for n in range(len(chain), 0, -1)}
    found = list(_in_loops(block, sorted(loops.values(), key=len, reverse=True)))
    ends = [place for place, one in enumerate(block) if not isinstance(one, SCOPES) and loss_names([one], loss)]
    starts = range(ends[-1], max(-1, ends[-1] - PLACES), -1) if ends else ()
    return [*found, *(Turn(tuple(block[:k]), tuple(block[k:]), None) for k in starts if _begins(block[k]))]


def loss_names(block: Sequence[ast.stmt], loss: str | None) -> list[tuple[int, str]]:
    """(rank, name) of what is assigned in a block and may be the loss, the likeliest first."""
    names = set().union(*(writes(one) for _, one in chains_of(block, ())), set())
    if loss is not None:
        return [(0, loss)] if loss in names else []
    return sorted((rank, name) for name in names if (rank := loss_rank(name)) is not None)


def _in_loops(block: Sequence[ast.stmt], chains: Sequence[Chain]) -> Iterator[Turn]:
    for chain in chains:
        try:
            setup, body = taken_apart(block, chain)
        except SubjectError:
            continue
        yield Turn(tuple(setup), tuple(body), chain[-1].lineno)


def _begins(statement: ast.stmt) -> bool:
    return not isinstance(statement, (*SCOPES, ast.Import, ast.ImportFrom))


def texts_of(body: Sequence[ast.stmt]) -> list[tuple[str, int]]:
    """What tells the statements of a turn apart in a changed text: their own text, and which of that text they are."""
    texts = [ast.unparse(one) for one in body]
    return [(text, texts[:place].count(text)) for place, text in enumerate(texts)]
