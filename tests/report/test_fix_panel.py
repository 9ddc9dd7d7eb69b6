"""The fix on the page and in the text: struck and boxed tokens, what is promised, and who else it may be."""

import re
from dataclasses import replace

import pytest

from gradcheck.report.as_html import to_fragment, to_html, to_index
from gradcheck.report.as_json import to_plain
from gradcheck.report.as_text import to_text
from gradcheck.report.code import code_of, line_pairs
from gradcheck.report.diagnoses_as_text import diagnosis_to_text
from gradcheck.report.fixes import edit_in_words, fix_in_words, fix_view
from gradcheck.results.diagnoses import Diagnosis, Edit, Fix, Span
from gradcheck.results.formulas import Name, Negative, Product, Sum
from gradcheck.results.result import Subject


def written(place):
    signs = {"old": "-{}-", "new": "+{}+", "": "{}"}
    return [
        (line.number, line.kind, "".join(signs[piece.kind].format(piece.text) for piece in line.pieces))
        for line in place
    ]


def with_fix(result, **changes):
    first = replace(result.diagnosis.fixes[0], **changes)
    return replace(result, diagnosis=replace(result.diagnosis, fixes=(first,)))


def flat(text):
    return " ".join(text.split())


def test_four_lines_with_the_token_struck_and_the_new_one_behind_it(made):
    (place,) = code_of(made.fix())
    assert [number for number, _, _ in written(place)] == [61, 62, 63, 64]
    assert written(place)[2] == (
        63, "", "             + dLoss_dout*dout_dneto*-dneto_douth1-+dneto_douth2+*douth2_dneth2*dneth2_db1)",
    )  # fmt: skip
    assert written(place)[3][2] == "dLoss_db2 = dLoss_dout*dout_dneto*dneto_db2"
    assert [line.is_changed for line in place] == [False, False, True, False]


def test_as_a_diff_the_lines_stand_below_each_other(made):
    (place,) = line_pairs(made.fix())
    assert [(line.number, line.kind) for line in place] == [(61, ""), (62, ""), (63, "old"), (None, "new"), (64, "")]
    assert "-dneto_douth1-" in written(place)[2][2]
    assert "dneto_douth2*douth2" in written(place)[3][2]


def test_whole_lines_where_a_line_is_new(made):
    first, second = code_of(made.two_faults())
    assert written(first) == [
        (4, "", "h = np.tanh(x @ W + b)"),
        (5, "", "d = 2 * (h - y)"),
        (6, "", "d = d * -h-+(1 - h ** 2)+"),
        (None, "new", "+d /= len(x)+"),
        (7, "", 'return {"W": x.T @ d,'),
    ]
    assert written(second) == [(12, "", "def other(d):"), (13, "", "    return d.sum(+axis=0+)")]


def test_a_line_that_goes_is_struck_without_its_indentation():
    diff = "--- a.py\n+++ a.py\n@@ -3,3 +3,2 @@\n     a = 1\n-        b = 2\n     c = 3\n"
    gone = Fix(1, (Edit(Span(4, 1, 5, 1), "        b = 2\n", ""),), diff, "", 3)
    (place,) = code_of(gone)
    assert written(place) == [(3, "", "a = 1"), (4, "old", "    -b = 2-"), (5, "", "c = 3")]
    (pairs,) = line_pairs(gone)
    assert written(pairs) == written(place)


def test_two_changes_in_one_line():
    diff = "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-d = -a * b\n+d = a * c\n"
    edits = (Edit(Span(1, 10, 1, 11), "b", "c"), Edit(Span(1, 5, 1, 6), "-", ""))
    ((line,),) = code_of(Fix(1, edits, diff, "", 3))
    assert "".join(f"[{p.kind}:{p.text}]" for p in line.pieces) == "[:d = ][old:-][:a * ][old:b][new:c]"
    assert fix_in_words(Fix(1, edits, diff, "", 3)) == "line 1 has `-a * b` where `a * c` belongs"


def test_the_page_shows_fix_reason_promise_and_command(results):
    page = to_html(results["wrong"])
    assert "*<del>dneto_douth1</del><ins>dneto_douth2</ins>*<wbr>douth2_dneth2" in page
    assert "<code>dneto_douth1</code> is ∂" in page
    assert "With this one change all 8 partial derivatives are right <b>for every input</b>" in page
    assert "gradcheck check two_two_one.py --apply" in page
    assert "The same numbers come out with <code>w6</code> for <code>dneto_douth1</code> on line 63." in page
    assert "19 of 22 statements of the backward pass are exonerated" in page
    assert page.index("The fix</h2>") < page.index("By exactly how much</h2>")
    assert "Line 63 has <code>dneto_douth1</code> where <code>dneto_douth2</code> belongs" in page
    assert "The fix</h2>" in to_fragment(results["wrong"])


def test_the_factor_that_hides_the_fault_is_marked_where_equal_names_make_it_vanish(results):
    shown = results["wrong"].diagnosis.discrepancies[0]
    plain = replace(shown, formula=Product((Name("e"), Sum((Name("w5"), Negative(Name("w6")))))))
    page = to_html(replace(results["wrong"], diagnosis=Diagnosis((plain,))))
    marks = '<mrow class="gc-hot"><mo stretchy="false">(</mo><msub><mi>w</mi><mn>5</mn></msub><mo>−</mo>'
    assert marks in page
    elsewhere = replace(plain, vanishes=("w1 = w2",))
    assert marks not in to_html(replace(results["wrong"], diagnosis=Diagnosis((elsewhere,))))


def test_for_every_input_only_where_that_is_proved(results):
    numeric = with_fix(results["wrong"], proof="numeric", verified_points=5)
    page, text = to_html(numeric), to_text(numeric)
    assert "for every input" not in page + text
    assert "are right <b>at 5 fresh points</b>, none of which was used to find it" in page
    assert (
        "✓ verified: with this one change all 8 partial derivatives are right at 5 fresh points, "
        "none of which was used to find it, and the loss is the same."
    ) in flat(text)
    assert "✓ proved: with this one change" in to_text(results["wrong"])


def test_what_fails_with_other_numbers_is_a_hint_everywhere(results):
    hint = with_fix(results["wrong"], proof="numeric", fails_with=("5 for 4 (`len(v)`)", "other data"))
    page, text, plain = to_html(hint), to_text(hint), to_plain(hint)
    assert "The fix" not in page + text
    assert "A hint</h2>" in page
    assert "  A hint" in text.splitlines()
    assert "verified:" not in text
    assert "--apply" not in page + text
    assert "where `dneto_douth2` belongs" not in flat(text)
    where = "with 5 for 4 (`len(v)`) or other data"
    done = "`dneto_douth2` for `dneto_douth1` on line 63"
    assert f"With {done} these numbers come out right, but not {where}: take it as a hint." in flat(text)
    assert f"are right at 5 fresh points, but not {where}: take it as a hint, for the code is written" in flat(text)
    assert "but not with 5 for 4 (<code>len(v)</code>) or other data" in to_index({"wrong.html": hint})
    assert "Where the fault may be" in text
    assert plain["diagnosis"]["fixes"][0]["fails_with"] == ["5 for 4 (`len(v)`)", "other data"]
    assert f"but not {where}: take it as a hint." in flat(diagnosis_to_text(hint.diagnosis))


@pytest.mark.parametrize(("new", "is_told"), [("w6 * 1", False), ("1 - (1 - w6)", False), ("w6 * 2", True)])
def test_another_way_is_none_that_is_a_longer_form(results, made, new, is_told):
    best, other = made.fix(), made.alias_fix()
    longer = replace(other, diff=other.diff.replace("w6*", f"({new})*"), edits=(replace(other.edits[0], new=new),))
    shown = to_text(replace(results["wrong"], diagnosis=Diagnosis(fixes=(best, longer))))
    assert ("The same numbers come out with" in shown) == is_told


def test_the_text_underlines_what_goes(results):
    lines = to_text(results["wrong"]).splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("    63 - "))
    start = lines[place].index("dneto_douth1")
    assert lines[place + 1] == " " * start + "~" * 12
    assert lines[place + 2].startswith("       + ")
    assert lines[place + 2].index("dneto_douth2") == start
    assert "    gradcheck check two_two_one.py --apply    writes it, and keeps the old file as .orig" in lines
    assert "could carry" not in flat("\n".join(lines))  # what is verified is not called in question again


def test_without_a_fix_the_suspects_stand_there_and_why(made):
    page, text = to_html(made.unmended_result()), flat(to_text(made.unmended_result()))
    assert "Where the fault may be</h2>" in page
    assert "The fix</h2>" not in page
    assert "No change was found that mends every gradient. These are the statements" in page
    assert "Also seen: <code>dneto_db2</code> (line 46) is computed and never used." in page
    assert "No change was found that mends every gradient. 1. line 62" in text
    assert "Also seen: `dneto_db2` (line 46) is computed and never used." in text
    assert re.findall(r'<span class="v \w+">(possible|unknown|exonerated)</span>', page) == [
        "possible", "possible", "unknown",
    ]  # fmt: skip
    assert "1. line 62 possible: dLoss_db1 = " in text
    assert "No fix was found; the likeliest place is line 62." in text
    assert "Start with line 62: work out by hand what it should hold, and compare." in text
    assert "Start with line 62: work out by hand what it should hold, and compare." in page
    assert "--apply" not in page + text
    assert "cannot be the only fault: no value of the right-hand side there could mend every gradient" in text
    assert "exonerated: no" not in text


def test_the_index_says_where(results):
    index = to_index({"wrong.html": results["wrong"], "right.html": results["right"]})
    assert "Line 63 has <code>dneto_douth1</code> where <code>dneto_douth2</code> belongs." in index
    assert index.count('<br><span class="note">') == 1


def test_a_traced_program_proves_for_its_own_shapes_only(results, made):
    arrays = made.array_result()
    proved = replace(arrays, diagnosis=Diagnosis(fixes=(made.fix(),)))
    assert "are right <b>for every input of these shapes</b>" in to_html(proved)
    assert "for every input of these shapes" not in to_html(results["wrong"])


def test_without_a_diagnosis_there_is_no_panel(results):
    bare = replace(results["wrong"], diagnosis=Diagnosis(notes=("the search was cut short",)))
    page = to_html(bare)
    assert 'class="card fix' not in page
    assert "The search was cut short." in page
    assert "The fix" not in to_text(bare)
    assert "Where the fault" not in to_text(bare)


def test_where_everybody_is_exonerated_the_page_says_so(results):
    nobody = Diagnosis(exonerated=12, considered=12, notes=("two faults at once are likely",))
    page = to_html(replace(results["wrong"], diagnosis=nobody))
    assert "Where the fault is not</h2>" in page
    assert "Two faults at once are likely." in page
    assert page.count("wo faults at once are likely") == 2  # once to read, once in the JSON


def test_functions_without_a_file_are_not_told_to_apply(results):
    loose = replace(results["wrong"], subject=Subject(None, "loss", "grads"))
    assert "--apply" not in to_html(loose) + to_text(loose)


def test_code_of_users_is_escaped(results, made):
    edit = Edit(Span(1, 5, 1, 13), "<script>", "&amp;")
    hostile = Fix(1, (edit,), "--- a\n+++ a\n@@ -1 +1 @@\n-x = <script>\n+x = &amp;\n", "`<b>` belongs", 3)
    page = to_html(replace(results["wrong"], diagnosis=Diagnosis(fixes=(hostile,))))
    assert "<del>&lt;script&gt;</del><ins>&amp;amp;</ins>" in page
    assert "<code>&lt;b&gt;</code> belongs" in page


def test_changes_of_several_lines_are_counted(results, made):
    text = flat(to_text(replace(results["wrong"], diagnosis=Diagnosis(fixes=(made.two_faults(),)))))
    assert (
        "line 6 has `h` where `(1 - h ** 2)` belongs, on line 7 `d /= len(x)` is missing and on line 13" in text.lower()
    )
    assert "with these changes all 8 partial derivatives are right at 6 fresh points" in text


def test_the_json_has_every_edit(results, made):
    found = to_plain(replace(results["wrong"], diagnosis=Diagnosis(fixes=(made.two_faults(),))))["diagnosis"]
    assert [edit["line"] for edit in found["fixes"][0]["edits"]] == [6, 7, 13]
    assert found["fixes"][0]["edits"][0] == {
        "line": 6, "column": 13, "end_line": 6, "end_column": 14, "old": "h", "new": "(1 - h ** 2)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a", "b", "line 4 has `a` where `b` belongs"),
        ("", " + c", "on line 4 `+ c` is missing"),
        ("- c", "", "on line 4 `- c` is too much"),
        ("x" * 60, "y", f"line 4 has `{'x' * 24} … {'x' * 16}` where `y` belongs"),
        ("", "a = 1\nb = 2", "on line 4 `a = 1; b = 2` is missing"),
        ("", "+ (a\n       + b)", "on line 4 `+ (a + b)` is missing"),
    ],
)
def test_edits_in_words(old, new, words):
    assert edit_in_words(Edit(Span(4, 2, 4, 2 + len(old)), old, new)) == words


def test_an_edit_over_several_lines_names_them():
    edit = Edit(Span(4, 5, 6, 9), "a = 1\nb = 2\nc = 3", "a = 2\nb = 3\nc = 4")
    assert edit_in_words(edit) == "lines 4 to 6 are wrong"
    over = Edit(Span(4, 5, 5, 9), "\nb = x.sum", " / n\nb = x.mean")
    assert edit_in_words(over) == "lines 4 and 5 are wrong"
    assert edit_in_words(Edit(Span(4, 1, 5, 1), "b = 2\n", "")) == "on line 4 `b = 2` is too much"


def test_the_same_place_with_more_words_is_no_other_way(results):
    best = results["wrong"].diagnosis.fixes[0]
    long = replace(best, rank=2, equivalent=True, edits=tuple(replace(one, new=one.new * 3) for one in best.edits))
    page = fix_view(replace(results["wrong"], diagnosis=Diagnosis(fixes=(best, long))))
    assert page.others == ()


def test_places_that_are_as_likely_are_named_together_and_none_is_the_one_to_start_with(made):
    result = made.unmended_result()
    one = result.diagnosis.suspects[0]
    alike = tuple(replace(one, rank=n + 1, span=Span(90 - n, 1, 90 - n, 9)) for n in range(3))
    text = flat(to_text(replace(result, diagnosis=replace(result.diagnosis, suspects=alike))))
    assert "No fix was found; other numbers would do on each of the lines 88, 89 and 90." in text
    assert "Start with" not in text
    assert "likeliest" not in text
    assert text.count(one.why.split(":")[0].split(" ", 1)[1]) == 1  # the same reason is given once


def test_why_the_unknown_stand_in_their_order_is_said_where_they_are_several(made):
    result = made.unmended_result()
    unknown = tuple(replace(one, status="unknown") for one in result.diagnosis.suspects)
    several = replace(result, diagnosis=replace(result.diagnosis, suspects=unknown))
    for shown in (to_text(several), to_html(several)):
        assert "then what runs first" in flat(shown)
    assert "then what runs first" not in flat(to_text(result))  # one alone has no order


def test_a_place_that_nothing_speaks_for_is_not_called_likely(made):
    result = made.unmended_result()
    unknown = tuple(replace(one, status="unknown") for one in result.diagnosis.suspects)
    text = flat(to_text(replace(result, diagnosis=replace(result.diagnosis, suspects=unknown))))
    assert "No fix was found; the first place that is not ruled out is line 62." in text
    assert "likeliest" not in text


def test_what_a_relative_error_is_a_part_of_is_said_where_one_counts(results):
    assert "relative error: what lies between the two as a part of the larger one" in to_text(results["wrong"])
    assert "as a part of the larger one" not in to_text(results["right"])
