"""The sample pages in reports/ are what the code makes today, byte for byte; those of networks word for word."""

import re
from pathlib import Path

import pytest

from gradcheck.checks.samples import CROSSED, sample_derivation, sample_results
from gradcheck.report.files import write_derivation, write_pages

REPORTS = Path(__file__).resolve().parents[1] / "reports"
# Matrix products and NumPy's exp are not rounded alike on all machines: their last digits, and what is sorted by them.
CROSSED_PAGES = {f"{name}.html" for name in CROSSED}
PAGES = sorted(path.name for path in REPORTS.glob("*.html"))
ACCEPT = "look at the pages in a browser, then accept them: gradcheck samples --out reports"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    write_pages(sample_results(), folder)
    write_derivation(sample_derivation(), folder)
    return folder


def test_the_samples_are_these_pages(made):
    assert sorted(p.name for p in REPORTS.glob("*.html")) == sorted(p.name for p in made.glob("*.html")), ACCEPT


@pytest.mark.parametrize("page", sorted({*PAGES} - {*CROSSED_PAGES, "index.html"}))
def test_a_sample_is_byte_for_byte_what_is_made_today(made, page):
    assert (made / page).read_bytes() == (REPORTS / page).read_bytes(), f"{page} changed: {ACCEPT}"


@pytest.mark.parametrize("page", PAGES)
def test_a_sample_names_no_network_address(page):
    assert "http" not in (REPORTS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted({*CROSSED_PAGES, "index.html"}))
def test_a_sample_with_numbers_of_this_machine_has_the_words_that_are_made_today(made, page):
    today, kept = (words_of((folder / page).read_text(encoding="utf-8")) for folder in (made, REPORTS))
    assert today == kept, f"{page} changed: {ACCEPT}"


def words_of(page):
    """The words of a page, every one once, without its numbers and where they are drawn."""
    return set(re.findall(r"[^\W\d_]{2,}", re.sub(r'(?s) d="[^"]*"|<script.*?</script>', "", page)))


def test_the_page_of_a_network_says_what_it_shows():
    page = (REPORTS / "vanishing.html").read_text(encoding="utf-8")
    assert "The gradient vanishes towards the input" in page
    assert "σ′" in page
    assert "forget gate: how much of the cell is kept" in (REPORTS / "lstm-peepholes.html").read_text(encoding="utf-8")
