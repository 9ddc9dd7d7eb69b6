"""The page: one file, no network, escaped, deterministic, readable by people and by machines."""

import importlib.util
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from gradcheck.report.as_html import derivation_to_html, to_fragment, to_html, to_index
from gradcheck.report.markup import prose
from gradcheck.report.sentences import polished, sentence
from gradcheck.results.figures import Evidence
from gradcheck.results.result import Subject

KINDS = ["wrong", "right", "undecided", "arrays"]
VOID = {"meta", "br", "wbr", "hr", "input", "link", "img"}


class Reader(HTMLParser):
    """What a browser would see: visible text, tags, and whether every tag is closed in order."""

    def __init__(self):
        super().__init__()
        self.stack, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, text):
        if not {"script", "style"}.intersection(self.stack):
            self.text.append(text)


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.stack
    reader.words = re.sub(r"\s+", " ", "".join(reader.text))
    return reader


@pytest.fixture(scope="module", params=KINDS)
def page(request, results):
    return to_html(results[request.param])


@pytest.fixture(scope="module")
def wrong(results):
    return to_html(results["wrong"])


def test_there_is_no_network_address_in_the_page(page):
    assert "http" not in page
    assert not re.search(r"""(?:src|href|action)=["']?\s*(?:\w+:)?//""", page)
    assert "url(" not in page
    assert "@import" not in page


def test_nothing_can_be_loaded_even_by_mistake(page):
    policy = next(
        a["content"] for tag, a in read(page).tags if tag == "meta" and "content" in a and "src" in a["content"]
    )
    assert policy.startswith("default-src 'none';")


def test_tags_are_closed_in_order_and_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes in read(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_same_result_gives_the_same_bytes(made):
    assert to_html(made.wrong_result()) == to_html(made.wrong_result())
    later = replace(made.wrong_result(), seconds=99.0)
    assert to_html(later) == to_html(made.wrong_result())


def test_sizes_stay_small(page, results):
    assert len(page.encode()) < 100_000
    for result in results.values():
        assert len(to_fragment(result).encode()) < 60_000
    assert (files("gradcheck.report") / "templates" / "page.js").read_bytes().__len__() <= 4096


def test_the_finding_comes_first_in_words(wrong):
    reader = read(wrong)
    assert "<title>✗ The gradient of b1 is wrong — two_two_one.py — gradcheck</title>" in wrong
    assert (
        re.sub(r"<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", wrong, re.S)[1]).strip() == "✗ The gradient of b1 is wrong"
    )
    order = [
        "7 of 8 partial derivatives agree",
        "wrong sign",
        "1 disagree",
        "the point is blind: w5 = w6",
        "By exactly how much",
        "Where the path went wrong",
        "Three opinions",
        "Why your own point did not show it",
        "Not an artefact of the step",
        "Would this check have caught",
        "step by step",
        "The points that were checked",
        "How to see this again",
    ]
    places = [reader.words.index(words) for words in order]
    assert places == sorted(places)


def test_an_agreeing_page_shows_no_fault(results):
    words = read(to_html(results["right"])).words
    assert "All 8 gradients agree" in words
    assert "is degenerate" in words
    for absent in ("By exactly how much", "went wrong", "Not an artefact", "is wrong"):
        assert absent not in words


def test_missing_evidence_is_explained_where_it_would_stand(results):
    words = read(to_html(results["undecided"])).words
    for _, told in results["undecided"].evidence.missing:
        assert told[1:].rstrip(".") in words


def test_evidence_of_an_unknown_kind_is_told_among_the_notes(results):
    other = replace(results["right"], evidence=Evidence(missing=(("spectrum", "no spectrum: too few points"),)))
    assert "No spectrum: too few points." in read(to_html(other)).words


def test_every_verdict_is_word_and_mark(wrong):
    assert wrong.count('<span class="v agree">✓ agree</span>') == 7 + 1  # the entries, and the given point
    assert wrong.count('<span class="v disagree">✗ disagree</span>') == 1 + 1


def test_a_large_result_shows_the_twenty_gravest_and_counts_the_rest(results):
    reader = read(to_html(results["arrays"]))
    assert "The 20 gravest of 1,204 entries are shown; of the others, 1,184 agree." in reader.words
    assert sum(a.get("class") == "wrong" for tag, a in reader.tags if tag == "tr") == 7


def test_negative_numbers_have_a_real_minus_sign(page):
    words = read(page).words
    assert not re.search(r"(?<![\w.])-\d", words)
    assert not re.search(r"\de-\d", words)


def test_figures_and_tables_speak_to_screen_readers(wrong):
    for svg in re.findall(r"<svg.*?</svg>", wrong, re.S):
        assert re.match(r'<svg[^>]*role="img"[^>]*><title>\w', svg)
    assert wrong.count("<svg") == 3
    for head in re.findall(r"<th(?=[ >]).*?>", wrong):
        assert "scope=" in head
    assert 'lang="en"' in wrong
    for math in re.findall(r"<math[^>]*>", wrong):
        assert "alttext=" in math


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


def test_nothing_from_user_code_becomes_markup(results, made):
    bad = replace(results["wrong"], subject=Subject(HOSTILE, HOSTILE, HOSTILE), why=HOSTILE, notes=(HOSTILE,))
    for text in (to_html(bad), to_fragment(bad), to_index({"x.html": bad})):
        assert "<script>alert" not in text
        assert "<img" not in text
        read(text)
    derivation = replace(made.derivation(), subject=HOSTILE, parameter=HOSTILE)
    assert "<img" not in derivation_to_html(derivation)


def test_the_raw_numbers_can_be_read_back_without_time_or_version(wrong):
    raw = re.search(r'<script type="application/json" id="gradcheck-result">(.*?)</script>', wrong, re.S)[1]
    data = json.loads(raw)
    assert data["verdict"] == "disagree"
    assert not {"seconds", "version"} & set(data)


def test_the_map_can_be_read_back(wrong, made):
    raw = json.loads(re.search(r'id="gradcheck-map">(.*?)</script>', wrong, re.S)[1])
    assert len(raw["errors"]) == len(raw["ys"]) == 41
    assert raw["errors"][40][0] == pytest.approx(made.blind_map().errors[40, 0], rel=0.05)


def test_a_fragment_has_no_script_no_id_and_scoped_style(results):
    for result in results.values():
        fragment = to_fragment(result)
        reader = read(fragment)
        assert not [tag for tag, a in reader.tags if tag == "script" or "id" in a]
        assert fragment.startswith('<div class="gc gradcheck-result">')


def test_every_style_rule_is_scoped():
    css = (files("gradcheck.report") / "templates" / "style.css").read_text(encoding="utf-8")
    flat = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}", r"\1", css)
    for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", flat):
        for selector in selectors.split(","):
            assert selector.strip().startswith((".gc", "body.gc")), selector


def _luminance(colour):
    colour = colour.lstrip("#")
    full = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(full[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    """WCAG 2.1, relative luminance and contrast ratio."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_in_the_standard():
    assert contrast("#000", "#fff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


PAIRS = [(ink, ground) for ink in ("ink", "dim", "accent", "bad", "ok", "inc") for ground in ("bg", "card")]
PAIRS += [("bad", "badbg"), ("ok", "okbg"), ("inc", "incbg"), ("ink", "badbg"), ("ink", "incbg"), ("ink", "code")]
PAIRS += [("dim", "badbg"), ("dim", "incbg"), ("card", "bad"), ("card", "ok"), ("card", "inc")]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(scheme, ink, ground):
    css = (files("gradcheck.report") / "templates" / "style.css").read_text(encoding="utf-8")
    colours = [dict(re.findall(r"--(\w+):(#\w+)", block)) for block in re.findall(r"\.gc\{(--bg:#[^}]*)", css)]
    assert contrast(colours[scheme][ink], colours[scheme][ground]) >= 4.5


def test_an_index_lists_every_page_and_counts(results):
    index = to_index({f"{kind}.html": result for kind, result in results.items()})
    reader = read(index)
    assert "2 of 4 gradients checked are wrong" in reader.words
    links = [a["href"] for tag, a in reader.tags if tag == "a"]
    assert links == ["wrong.html", "right.html", "undecided.html", "arrays.html"]
    assert [a["data-verdict"] for tag, a in reader.tags if "data-verdict" in a] == [
        "disagree",
        "agree",
        "inconclusive",
        "disagree",
    ]
    assert "http" not in index


def test_an_empty_index_says_so():
    assert "Nothing was checked" in read(to_index({})).words


def test_a_derivation_page_shows_paths_or_adjoints(made):
    paths = read(derivation_to_html(made.derivation())).words
    assert "Path 2: Loss ← out ← outh2 ← neth2 ← b1" in paths
    assert "372 % of the sum" in paths
    deltas = read(derivation_to_html(made.delta_derivation())).words
    assert "1,099,511,627,776 paths" in deltas


def test_names_are_set_as_names_only_where_they_cannot_be_words():
    write = prose({"b1", "a", "w", "out", "W1"})
    assert (
        str(write("a sum without b1 and W1[0,1]")) == "a sum without <i>b</i><sub>1</sub> and <i>W</i><sub>1</sub>[0,1]"
    )
    assert str(write("the out is out = 3, a/out")) == "the out is <i>out</i> = 3, <i>a</i>/<i>out</i>"
    assert str(write("rb1 b12 x.b1")) == "rb1 b12 x.b1"
    assert str(prose(set())("b1 < 2")) == "b1 &lt; 2"


def test_sentences_start_and_end_as_sentences():
    assert sentence("the loss jumps") == "The loss jumps."
    assert sentence("w5 = w6: the same") == "w5 = w6: the same."
    assert polished("w1 = -3 -> --stay, two-two, f(-1)") == "w1 = −3 → --stay, two-two, f(−1)"


def test_the_templates_are_part_of_the_package():
    folder = Path(str(files("gradcheck.report"))) / "templates"
    spec = importlib.util.find_spec("gradcheck.report")
    assert folder.is_relative_to(Path(spec.submodule_search_locations[0]))
    assert {path.suffix for path in folder.iterdir()} == {".j2", ".css", ".js"}
