"""Numbers as they stand on the page."""

import math

import pytest

from gradcheck.report.numbers import bound, coordinate, every, listed, relative, short, value
from gradcheck.report.signs import to_ascii_signs


@pytest.mark.parametrize(
    ("write", "x", "text"),
    [
        (value, -1.2672034653298831, "−1.267203"),
        (value, 0.0, "0"),
        (value, -0.0, "0"),
        (value, None, ""),
        (value, math.nan, "not a number"),
        (value, -math.inf, "−infinite"),
        (value, 1.23456789e-7, "1.23457 × 10⁻⁷"),
        (value, 2.5e12, "2.50000 × 10¹²"),
        (relative, 0.0, "0"),
        (relative, 1.4e-16, "1.4 × 10⁻¹⁶"),
        (relative, 1.8, "180 %"),
        (short, 19.5317, "19.53"),
        (short, 12345.6, "12346"),
        (short, 1e-9, "1.0 × 10⁻⁹"),
        (coordinate, 0.1, "0.1"),
        (coordinate, -2.0, "−2"),
        (coordinate, 1e22, "1e+22"),
        (coordinate, -0.7036948543200572, "−0.703695"),
        (coordinate, math.inf, "infinite"),
    ],
)
def test_a_number_reads_as_on_paper(write, x, text):
    assert write(x) == text


@pytest.mark.parametrize(
    ("x", "text"), [(1.18434, "118 %"), (0.5, "50 %"), (0.0012, "0.12 %"), (3e-9, "3.0 × 10⁻⁹"), (math.inf, "infinite")]
)
def test_a_wrong_relative_error_is_in_per_cent_where_it_can_be_seen(x, text):
    assert relative(x, wrong=True) == text


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (3e-13, "3 × 10⁻¹³"),
        (3.01e-13, "4 × 10⁻¹³"),
        (9.5e-4, "10⁻³"),
        (0.2, "2 × 10⁻¹"),
        (1.6, "2"),
        (0.0, "0"),
        (math.inf, "infinite"),
    ],
)
def test_a_bar_is_never_rounded_down(x, text):
    assert bound(x) == text


@pytest.mark.parametrize(("words", "text"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_a_list_reads_as_a_sentence(words, text):
    assert listed(words) == text


def test_every_sign_has_its_ascii():
    assert to_ascii_signs("✗ −1.4 × 10⁻¹⁶ ± (a·b) ∂L/∂w ← é") == "X -1.4 x 10^-16 +- (a*b) dL/dw <- ?"


@pytest.mark.parametrize(
    ("n", "words"), [(1, "the gradient"), (2, "both gradients"), (3, "all 3 gradients"), (1184, "all 1,184 gradients")]
)
def test_every_one_of_so_many(n, words):
    assert every(n, "gradient") == words
