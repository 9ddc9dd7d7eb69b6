"""What a derivative of the loss is by, in words."""

import ast

import numpy as np

from gradcheck.diagnosis.adjoints import Role
from gradcheck.diagnosis.sites import find_sites

TEXT = "def layer(x):\n    h = x * 2\n    return np.sum(h * x, axis=1)\n"


def test_what_is_returned_is_told_by_its_line():
    sites = find_sites(ast.parse(TEXT), TEXT)
    words = {Role(site, 0, [np.ones(2)]).words for site in sites}
    assert words == {
        "the derivative of the loss by h (line 2)",
        "the derivative of the loss by what is returned on line 3",
    }
