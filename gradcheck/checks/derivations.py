"""The chain rule of a user's own loss, from tracing it at its point."""

from gradcheck.derivation.chain_rule import derive
from gradcheck.errors import TraceError
from gradcheck.evidence.opinions import opinions_on
from gradcheck.results.derivations import Derivation
from gradcheck.subject.cases import loss_at
from gradcheck.subject.targets import case_of_file


def derive_file(
    target: str, parameter: str | None = None, *, loss: str | None = None, at: str | None = None, seed: int = 0
) -> Derivation:
    """The derivation of one partial of a file's loss at its own point; the file needs no gradient.

    Raises TraceError where the loss cannot be traced, UsageError for an unknown parameter.
    """
    case = case_of_file(target, loss, None, at, seed, needs_gradient=False)
    opinions = opinions_on(case, case.at.arrays, loss_at(case, case.at.arrays, let_through=()))
    if opinions.partials is None:
        raise TraceError(f"the loss of {target} cannot be derived: {opinions.missing}")
    return derive(opinions.partials, parameter, title=str(target))
