"""What a result says, in words: the same sentences on the page, in the terminal and in a notebook."""

from dataclasses import dataclass

from gradcheck.labels import label
from gradcheck.report.fixes import place_in_words
from gradcheck.report.numbers import bound, coordinate, count, every, listed, value
from gradcheck.report.patterns import consequence_of
from gradcheck.report.sentences import sentence
from gradcheck.results.outcomes import SEVERITY, Outcome, Reason
from gradcheck.results.result import CheckedPoint, Result
from gradcheck.results.verdicts import Verdict

MARKS = {Outcome.AGREE: "✓", Outcome.DISAGREE: "✗", Outcome.INCONCLUSIVE: "?"}
WORDS = {Outcome.AGREE: "agree", Outcome.DISAGREE: "disagree", Outcome.INCONCLUSIVE: "inconclusive"}
# Above this, a list of names says less than its length.
NAMED = 4
UNDECIDED = "could not be decided"
UNDECIDED_GRADE = SEVERITY.index(Outcome.INCONCLUSIVE)
# With these there is no number to compare: the remark or the reason says it all.
NO_NUMBERS = (Reason.MISSING, Reason.SHAPE, Reason.NOT_NUMBERS, Reason.SUBGRADIENT)


@dataclass(frozen=True, slots=True)
class Finding:
    """The finding, sentence by sentence.

    agreeing: how many agree. fault: which do not. values: yours against the truth. consequence: a few words ("wrong
    sign"). place: where it stands in the code. blind: why the own point did not show it. reason: finding and mend where
    numbers alone do not decide.
    """

    mark: str
    word: str
    headline: str
    agreeing: str
    fault: str
    values: str
    consequence: str
    place: str
    blind: str | None
    reason: str | None


def finding_of(result: Result) -> Finding:
    """The finding of a result at its deciding point."""
    worst = worst_verdict(result)
    return Finding(
        mark=MARKS[result.outcome],
        word=WORDS[result.outcome],
        headline=_headline(result),
        agreeing=_agreeing(result),
        fault=_fault(result),
        values=_values(worst) if worst and worst.outcome is not Outcome.AGREE else "",
        consequence=consequence_of(worst) if worst and worst.outcome is Outcome.DISAGREE else "",
        place=place_in_words(result) if result.outcome is Outcome.DISAGREE else "",
        blind=_blind(result),
        reason=_reason(worst) if worst and worst.outcome is not Outcome.AGREE else None,
    )


def told(finding: Finding) -> str:
    """What goes wrong, as it follows the fault: values and consequence, or the reason with its mend; then the place."""
    place = f" {sentence(finding.place)}" if finding.place else ""
    return f"{_what(finding)}{place}"


def _what(finding: Finding) -> str:
    """Values and consequence, or the reason with its mend."""
    if not finding.values:
        return f"{finding.reason or finding.consequence}." if finding.reason or finding.consequence else ""
    consequence = finding.consequence.replace(": ", "; ")  # one colon a sentence
    text = f"{finding.values}: {consequence}." if consequence else f"{finding.values}."
    return f"{text} {sentence(finding.reason)}" if finding.reason else text


def with_outcome(result: Result, outcome: Outcome) -> list[Verdict]:
    """The parameters of that outcome at the deciding point."""
    return [verdict for verdict in result.parameters if verdict.outcome is outcome]


def worst_verdict(result: Result) -> Verdict | None:
    """The parameter to speak of first: the largest relative error among those with the result's outcome."""
    return max(with_outcome(result, result.outcome), key=_severity, default=None)


def name_of(verdict: Verdict) -> str:
    """`W1[0,1]` where one entry of several is wrong, else the parameter's name."""
    wrong = verdict.wrong_entries
    return label(verdict.name, wrong[0]) if len(wrong) == 1 and not verdict.reason else verdict.name


def point_in_words(point: CheckedPoint) -> str:
    """`w1 = w2 = 0.2, b1 = 0.5`: names with equal numbers together; the shapes where there are arrays."""
    groups: dict[str, list[str]] = {}
    for name, array in point.values.items():
        told = f"{name} of shape {array.shape}" if array.ndim else coordinate(float(array))
        groups.setdefault(told, []).append(name)
    return ", ".join(text if " of " in text else " = ".join([*names, text]) for text, names in groups.items())


def _severity(verdict: Verdict) -> float:
    return float("inf") if verdict.reason else float(verdict.relative_error.max(initial=0.0))


def _headline(result: Result) -> str:
    total = len(result.parameters)
    if not total:
        return "Nothing was checked"
    names = [name_of(verdict) for verdict in with_outcome(result, result.outcome)]
    if result.outcome is Outcome.AGREE:
        return f"The gradient of {names[0]} agrees" if total == 1 else f"{every(total, 'gradient').capitalize()} agree"
    share = f"All {total:,}" if len(names) == total else f"{len(names):,} of {total:,}"
    who = listed(names) if len(names) <= NAMED else f"{share} gradients"
    many = len(names) > 1
    subject = who if len(names) > NAMED else f"The gradient{'s' if many else ''} of {who}"
    verb = "are" if many else "is"
    return f"{subject} {verb} {'wrong' if result.outcome is Outcome.DISAGREE else 'undecided'}"


def _agreeing(result: Result) -> str:
    total = sum(verdict.grades.size for verdict in result.parameters)
    agree = sum(int((verdict.grades == 0).sum()) for verdict in result.parameters)
    partials = count(total, "partial derivative") + (" by reverse mode" if result.of_network else "")
    if result.outcome is Outcome.AGREE:
        all_of_them = f"Both {partials.removeprefix('2 ')}" if total == 2 else f"All {partials}"
        who, verb = (partials, "agrees") if total == 1 else (all_of_them, "agree")
        return f"{who} {verb} with {_opinions(result)}."
    if result.outcome is Outcome.INCONCLUSIVE:  # those that are open may agree
        return f"{agree:,} of {partials} {'is' if agree == 1 else 'are'} known to agree with {_opinions(result)}."
    if not agree and total > 1:
        return f"{'Neither' if total == 2 else 'None'} of the {partials} agrees with {_opinions(result)}."
    return f"{agree:,} of {partials} agree with {_opinions(result)}."


def _opinions(result: Result) -> str:
    exact_too = any(verdict.exact is not None for verdict in result.parameters)
    reverse_too = not result.of_network and any(verdict.backprop is not None for verdict in result.parameters)
    others = ["symbolic differentiation"] * exact_too + ["reverse mode"] * reverse_too
    return listed([*others, "difference quotients of the loss"])


def _fault(result: Result) -> str:
    if result.outcome is Outcome.AGREE:
        return ""
    grade = SEVERITY.index(result.outcome)
    entries = sum(int((verdict.grades == grade).sum()) for verdict in result.parameters)
    one, many = ("does not", "do not") if result.outcome is Outcome.DISAGREE else (UNDECIDED, UNDECIDED)
    worst = worst_verdict(result)
    wrong = f"One {one}" if entries == 1 else f"{entries:,} {many}"
    undecided = sum(int((verdict.grades == UNDECIDED_GRADE).sum()) for verdict in result.parameters)
    if undecided and result.outcome is Outcome.DISAGREE:
        wrong += f" and {undecided:,} {'is' if undecided == 1 else 'are'} undecided"
    if entries == 1 or (worst and worst.reason in NO_NUMBERS):  # what follows names it
        return f"{wrong}:"
    if entries == sum(verdict.grades.size for verdict in result.parameters) and result.outcome is Outcome.DISAGREE:
        return f"The worst is {_worst_label(result)}:"  # it was said that none agrees
    return f"{wrong}; the worst is {_worst_label(result)}:"


def _worst_label(result: Result) -> str:
    worst = worst_verdict(result)
    return "" if worst is None else worst.name if worst.reason else label(worst.name, worst.worst_index or ())


def _values(verdict: Verdict) -> str:
    if verdict.reason in NO_NUMBERS or verdict.worst_index is None:
        return ""
    entry = verdict.entry(verdict.worst_index)
    true = f"the true one is {value(entry.exact)}"
    if entry.exact is None or verdict.outcome is Outcome.INCONCLUSIVE:
        true = f"the numeric one is {value(entry.numeric)} ± {bound(entry.error_bar)}"
    return f"at the checked point your value is {value(entry.yours)}, {true}"


def _reason(verdict: Verdict) -> str | None:
    return verdict.remark or (verdict.reason.value if verdict.reason else None)


def _blind(result: Result) -> str | None:
    given = result.points[0]
    alone = len(result.points) == 1
    if given.kind != "given" or (alone and result.outcome is not Outcome.AGREE):
        return None
    why = result.why or "; ".join(given.coincidences)
    if result.blind:
        because = f": {why}" if why else ""
        return f"At your own point ({point_in_words(given)}) the gradient agrees, but the point is blind{because}"
    if why:
        hides = "; a fault may hide there" if alone else ""
        return f"Your own point ({point_in_words(given)}) is degenerate: {why}{hides}"
    return None
