"""A result as HTML: one self-contained page, a fragment for notebooks, an index of several."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from gradcheck.report.as_json import to_plain
from gradcheck.report.excerpts import excerpt_of, is_short
from gradcheck.report.figures.maps import LEGEND
from gradcheck.report.findings import MARKS, WORDS, finding_of
from gradcheck.report.markup import FILTERS, prose, script_json
from gradcheck.report.numbers import count
from gradcheck.report.pages import names_of, page_of
from gradcheck.results.derivations import Derivation
from gradcheck.results.outcomes import SEVERITY, Outcome, worst_outcome
from gradcheck.results.result import Result


def to_html(result: Result) -> str:
    """One self-contained page: no network address, readable without JavaScript, the same bytes for the same result."""
    return _render("page.html.j2", **_parts(result), interactive=True, raw=script_json(_timeless(result)))


def to_fragment(result: Result) -> str:
    """The same without header, script and raw data, in scoped CSS, for a notebook's cell."""
    return _render("fragment.html.j2", **_parts(result), interactive=False)


def to_index(pages: Mapping[str, Result]) -> str:
    """An index of several results: `pages` gives for each relative address the result it shows."""
    outcomes = [result.outcome for result in pages.values()]
    worst = worst_outcome(outcomes)
    return _render(
        "index.html.j2",
        title=f"{MARKS[worst]} {count(len(pages), 'check')} — gradcheck",
        word=WORDS[worst],
        mark=MARKS[worst],
        headline=_index_headline(outcomes),
        counts=[(WORDS[one], MARKS[one], outcomes.count(one)) for one in reversed(SEVERITY)],
        rows=[_index_row(href, result) for href, result in pages.items()],
        names=set().union(*(names_of(result) for result in pages.values())),
    )


def derivation_to_html(derivation: Derivation) -> str:
    """A page with the chain rule of one parameter, factor by factor."""
    title = f"d{derivation.loss}/d{derivation.parameter} — gradcheck"
    return _render("derivation_page.html.j2", title=title, excerpt=excerpt_of(derivation, whole=True), names=set())


def _parts(result: Result) -> dict[str, Any]:
    finding = finding_of(result)
    return {
        "title": f"{finding.mark} {finding.headline} — {_about(result)} — gradcheck",
        "result": result,
        "subject": result.subject,
        "finding": finding,
        "page": page_of(result),
        "names": names_of(result),
        "legend": LEGEND,
    }


def _timeless(result: Result) -> dict[str, Any]:
    """The plain data without what differs from run to run, from version to version, or in a processor's last bits."""
    return {key: _steady(part) for key, part in to_plain(result).items() if key not in ("seconds", "version")}


def _steady(part: Any) -> Any:
    """Numbers to 12 digits: NumPy's exp differs in the 16th from one processor to the next."""
    if isinstance(part, dict):
        return {key: _steady(one) for key, one in part.items()}
    if isinstance(part, list):
        return [_steady(one) for one in part]
    return float(f"{part:.12g}") if isinstance(part, float) else part


def _about(result: Result) -> str:
    """What a page is about: the file, the network, or the function that computes the gradient."""
    subject = result.subject
    return subject.path or (subject.loss if result.of_network else subject.grad)


def _index_row(href: str, result: Result) -> dict[str, Any]:
    finding = finding_of(result)
    return {
        "href": href,
        "word": finding.word,
        "mark": finding.mark,
        "subject": _about(result),
        "headline": finding.headline,
        "place": finding.place,
        "blind": result.blind,
        "resolution": result.resolution,
    }


def _index_headline(outcomes: list[Outcome]) -> str:
    wrong, open_ = outcomes.count(Outcome.DISAGREE), outcomes.count(Outcome.INCONCLUSIVE)
    if wrong:
        return f"{wrong} of {count(len(outcomes), 'gradient')} checked {'is' if wrong == 1 else 'are'} wrong"
    if open_:
        return f"{open_} of {count(len(outcomes), 'gradient')} checked could not be decided"
    return f"All {len(outcomes)} gradients checked agree" if outcomes else "Nothing was checked"


def _render(template: str, **parts: Any) -> str:
    return _environment().get_template(template).render(**parts) + "\n"


@pass_context
def _prose(context: Context, text: str) -> Markup:
    """Sentences with the names of the result at hand set as names."""
    return prose(context["names"])(text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gradcheck.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS, prose=_prose)
    environment.tests["short"] = is_short
    return environment
