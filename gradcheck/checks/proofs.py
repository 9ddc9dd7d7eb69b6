"""The verb that proves a hand-written gradient, or shows by what it is wrong."""

from dataclasses import replace
from pathlib import Path

from gradcheck.backprop.replay import replay
from gradcheck.diagnosis.discrepancies import discrepancies_of
from gradcheck.evidence.opinions import program_of
from gradcheck.evidence.same_losses import is_same
from gradcheck.results.proofs import Proof
from gradcheck.subject.cases import loss_at
from gradcheck.subject.effects import kept_random_states
from gradcheck.subject.targets import case_of_file


def prove(
    target: str | Path,
    *,
    loss: str | None = None,
    grad: str | None = None,
    at: str | None = None,
    data: str | None = None,
    seed: int = 0,
) -> Proof:
    """Is the gradient of a file right for every input? A Proof, true only where that is proved.

    target, loss, grad, at, data, seed: as for `check_file`. The file is traced at its point; where the gradient is
    wrong, the proof holds the factored discrepancy of the first wrong partials. Code that branches, or that cannot be
    traced, stays open. Raises SubjectError, UserCodeError, UsageError.
    """
    from gradcheck.symbolic.proofs import prove_program

    with kept_random_states():
        case = case_of_file(target, loss, grad, at, seed, data)
        program, why = program_of(case, case.at.arrays)
        value = loss_at(case, case.at.arrays)
    if program is None:
        return Proof("open", tuple(case.at.arrays), why=why)
    if not is_same(float(replay(program).loss), value):
        return Proof("open", tuple(case.at.arrays), why="the loss differs from call to call: it keeps a state")
    proof = prove_program(program, seed)
    wrong = proof.labels if proof.standing == "refuted" else ()
    return replace(proof, discrepancies=discrepancies_of(program, wrong))
