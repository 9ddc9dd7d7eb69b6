"""The sample pages in reports/ are what the code makes today, byte for byte."""

from pathlib import Path

import pytest

from gradcheck.checks.samples import sample_derivation, sample_results
from gradcheck.report.files import write_derivation, write_pages

REPORTS = Path(__file__).resolve().parents[1] / "reports"
ACCEPT = "look at the pages in a browser, then accept them: gradcheck samples --out reports"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    write_pages(sample_results(), folder)
    write_derivation(sample_derivation(), folder)
    return folder


def test_the_samples_are_these_pages(made):
    assert sorted(p.name for p in REPORTS.glob("*.html")) == sorted(p.name for p in made.glob("*.html")), ACCEPT


@pytest.mark.parametrize("page", sorted(path.name for path in REPORTS.glob("*.html")))
def test_a_sample_is_byte_for_byte_what_is_made_today(made, page):
    assert (made / page).read_bytes() == (REPORTS / page).read_bytes(), f"{page} changed: {ACCEPT}"


@pytest.mark.parametrize("page", sorted(path.name for path in REPORTS.glob("*.html")))
def test_a_sample_names_no_network_address(page):
    assert "http" not in (REPORTS / page).read_text(encoding="utf-8")
