import ast

import pytest

from gradcheck.diagnosis.edits import Swap, apply_edits, apply_swaps, read_source, stretch, to_edits, written
from gradcheck.results.diagnoses import Edit, Span

TEXT = 'é = 1  # ü\nx = (a *\n     b)  # keep\nlast = "ö" + c'


def test_a_node_stands_where_its_characters_are_also_behind_letters_of_two_bytes():
    source = read_source(TEXT)
    last = ast.parse(TEXT).body[2]

    assert written(source, last.value.right) == "c"
    assert stretch(source, last.value.right) == (len(TEXT) - 1, len(TEXT))


def test_an_edit_is_no_more_than_the_tokens_that_change():
    source = read_source("d = dneto_douth1*outh1*(1 - outh1)\n")
    swap = Swap(4, 34, "dneto_douth2*outh1*(1 - outh1)")

    assert to_edits(source, [swap]) == (Edit(Span(1, 5, 1, 17), "dneto_douth1", "dneto_douth2"),)


def test_edits_keep_comments_line_breaks_and_the_rest():
    source = read_source(TEXT)
    node = ast.parse(TEXT).body[1].value.right
    edits = to_edits(source, [Swap(*stretch(source, node), "b.T")])

    assert apply_edits(TEXT, edits) == TEXT.replace("     b)", "     b.T)")


def test_an_edit_of_a_text_that_was_changed_meanwhile_is_refused():
    edit = Edit(Span(1, 1, 1, 2), "x", "y")

    with pytest.raises(ValueError, match="reads otherwise"):
        apply_edits("z = 1\n", (edit,))


def test_swaps_are_made_from_the_end_so_that_places_hold():
    assert apply_swaps("abc", [Swap(0, 1, "xyz"), Swap(2, 3, "")]) == "xyzb"
