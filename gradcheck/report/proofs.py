"""A proof in words."""

from gradcheck.report.formulas.text import to_pretty
from gradcheck.report.numbers import count, listed
from gradcheck.report.sentences import polished
from gradcheck.results.proofs import Proof

# Above this, a list of names says less than its length.
NAMED = 8
HEADS = {"proved": "✓ PROVED", "refuted": "✗ REFUTED", "open": "? OPEN"}


def proof_to_text(proof: Proof) -> str:
    """What was shown, and by how much each wrong partial differs."""
    who = listed(list(proof.labels)) if len(proof.labels) <= NAMED else count(len(proof.labels), "partial")
    shaped = " of these shapes" if any("[" in label for label in proof.labels) else ""
    said = {
        "proved": f"the gradient is right for every input{shaped} ({who})",
        "refuted": f"the gradient of {who} is wrong",
        "open": f"nothing is proved: {proof.why}",
    }[proof.standing]
    lines = [f"{HEADS[proof.standing]}: {said}"]
    if proof.standing == "proved":
        lines.append(f"  Both formulas agree to 40 digits at {proof.points} random points, and no branch lies between.")
    for one in proof.discrepancies:
        lines.append(f"  {one.label}: yours − true = {to_pretty(one.formula)}")
        lines += [f"  {one.words}"] if one.words else []
    return polished("\n".join(lines)) + "\n"
