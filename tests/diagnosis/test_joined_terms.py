"""The values of a product are those that its text has at every moment."""

import numpy as np
import pytest

from gradcheck.diagnosis.joined_terms import products_of
from gradcheck.diagnosis.terms import Term

SHAPES = {"a": (3,), "b": (2,), "A": (2, 3), "B": (3, 3), "C": (2, 2), "D": (3, 2), "E": (2, 3, 3)}
COUNTS = (2, 3)


def terms_of(changing: bool) -> list[Term]:
    """One term of every shape; changing: a last moment in which the first axis is longer by one."""
    random = np.random.default_rng(0)
    found = []
    for place, (name, shape) in enumerate(SHAPES.items()):
        rows = [[random.normal(size=shape) for _ in range(count)] for count in COUNTS]
        if changing:
            rows[-1][-1] = random.normal(size=(shape[0] + 1, *shape[1:]))
        found.append(Term(name, tuple(map(tuple, rows)), 0.1 * place))
    return found


@pytest.mark.parametrize("changing", [False, True])
@pytest.mark.parametrize("shape", [(), (2,), (3,), (2, 3), (3, 2), (1, 3), (2, 2), (2, 3, 3)])
def test_products_have_the_values_of_their_text(shape, changing):
    terms = terms_of(changing)
    found = list(products_of(terms, shape))
    assert found or changing
    for one in found:
        assert tuple(map(len, one.values)) == COUNTS
        for point, moment in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2)):
            value = eval(one.text, {"np": np, **{term.text: term.values[point][moment] for term in terms}})
            assert np.shape(one.values[point][moment]) == np.shape(value)
            np.testing.assert_allclose(one.values[point][moment], value, rtol=1e-12, atol=1e-14)


def test_the_text_s_shape_broadcasts_to_the_one_that_is_asked_for():
    for one in products_of(terms_of(False), (2, 3)):
        assert np.broadcast_shapes(np.shape(one.values[0][0]), (2, 3)) == (2, 3)
