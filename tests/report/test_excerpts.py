"""Long derivations and formulas: what is shown, and that what is cut is told with its sum."""

import re
from dataclasses import replace

import pytest

from gradcheck.report.as_html import derivation_to_html, to_fragment, to_html
from gradcheck.report.as_text import to_text
from gradcheck.report.excerpts import excerpt_of, is_short, leaves_of
from gradcheck.results.diagnoses import Diagnosis
from gradcheck.results.formulas import Call, Cases, Marked, Name, Negative, Num, Power, Product, Quotient, Sum


@pytest.fixture
def long(made):
    """Nine paths with values 1 ... 9 and forty definitions."""
    short = made.derivation()
    paths = tuple(replace(short.paths[0], value=float(n)) for n in (3, 1, 9, 2, 8, 7, 4, 6, 5))
    return replace(short, paths=paths, path_count=9, total=45.0, definitions=short.definitions[:1] * 40)


def test_the_heaviest_paths_keep_their_numbers_and_the_rest_its_sum(long):
    excerpt = excerpt_of(long)
    assert [(number, path.value) for number, path in excerpt.paths] == [(3, 9.0), (5, 8.0), (6, 7.0), (8, 6.0)]
    assert (excerpt.cut_paths, excerpt.cut_value) == (5, 15.0)
    assert (excerpt.definitions, excerpt.cut_definitions) == ((), 40)


def test_the_whole_leaves_nothing_out(long):
    excerpt = excerpt_of(long, whole=True)
    assert (len(excerpt.paths), len(excerpt.definitions)) == (9, 40)
    assert excerpt.cut_paths == excerpt.cut_definitions == excerpt.cut_deltas == 0


def test_the_page_tells_what_it_cuts_and_the_derivation_page_cuts_nothing(long, results):
    page = re.sub("<[^>]+>", "", to_html(replace(results["wrong"], derivations=(long,))))
    assert "These are the 4 heaviest paths; the other 5 add up to 15.000000." in page
    assert "40 values are computed on the way" in page
    whole = derivation_to_html(long)
    assert whole.count("Path ") == 9
    assert "heaviest" not in whole


def test_many_deltas_show_those_nearest_the_parameter(made):
    deltas = made.delta_derivation()
    many = replace(deltas, deltas=deltas.deltas[:1] * 40 + deltas.deltas[1:])
    excerpt = excerpt_of(many)
    assert (len(excerpt.deltas), excerpt.cut_deltas) == (24, 19)
    assert excerpt.deltas[-1].name == "b1"


def test_leaves_are_names_and_numbers():
    a, two = Name("a"), Num("2")
    tree = Sum((Product((a, Negative(a))), Quotient(a, Power(a, two)), Call("max", (a, two)), Marked(a, "wrong")))
    assert leaves_of(Sum((tree, Cases(((a, "a > 0"), (two, None)))))) == 10


def test_a_formula_that_nobody_can_read_is_counted_instead(results, made):
    huge = replace(made.discrepancy(), formula=Sum((Name("a"),) * 1000), yours=None)
    assert not is_short(huge.formula)
    assert not is_short(None)
    result = replace(results["wrong"], diagnosis=Diagnosis((huge,)))
    for text in (to_html(result), to_fragment(result), to_text(result)):
        assert "1,000 names and numbers" in text
    assert len(to_fragment(result).encode()) < 60_000


def test_a_notebook_gets_short_derivations_only(long, results):
    assert excerpt_of(results["wrong"].derivations[0]).is_light
    assert "step by step" in to_fragment(results["wrong"])
    heavy = replace(long, definitions=long.definitions[:24])
    assert not excerpt_of(heavy).is_light
    assert "step by step" not in to_fragment(replace(results["wrong"], derivations=(heavy,)))


def test_a_long_formula_in_a_derivation_is_counted_on_the_page_and_written_on_its_own(made, results):
    short = made.derivation()
    long_one = replace(short.definitions[0], formula=Sum((Name("a"),) * 200))
    derivation = replace(short, definitions=(long_one,))
    assert "a formula of 200 names and numbers" in to_html(replace(results["wrong"], derivations=(derivation,)))
    assert derivation_to_html(derivation).count("<mi>a</mi>") == 200


def test_several_discrepancies_are_folded_after_the_first(results, made):
    one = made.discrepancy()
    result = replace(results["wrong"], diagnosis=Diagnosis((one, replace(one, label="w1"))))
    assert re.findall(r"<details( open)?><summary><b>", to_html(result)) == [" open", ""]
    assert to_fragment(result).count("yours − true") == 1
    assert to_text(result).count("yours − true") == 2
    assert to_text(result).count("It vanishes where") == 1


def test_what_holds_on_one_side_of_a_branch_only_is_not_said_of_every_point(results, made):
    one = replace(made.discrepancy(), is_local=True)
    result = replace(results["wrong"], diagnosis=Diagnosis((one,)))
    assert "wherever no branch changes" in to_text(result)
    assert "wherever the comparisons come out as at the checked point" in to_html(result)
    for text in (to_text(result), to_html(result)):
        assert "at every point" not in text
    plain = replace(results["wrong"], diagnosis=Diagnosis((made.discrepancy(),)))
    assert "at every point" in to_text(plain)
    assert "at every point" in to_html(plain)
