"""Small files on the bench."""

import textwrap

import numpy as np
import pytest

from gradcheck.diagnosis.benches import make_bench
from gradcheck.subject.cases import gradient_at, own_point
from gradcheck.subject.targets import case_of_file


@pytest.fixture
def bench_of(tmp_path):
    """A function from the text of a file (NumPy is imported) to its bench."""

    def make(text: str):
        path = tmp_path / "net.py"
        path.write_text("import numpy as np\n\n\n" + textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return make_bench(case_of_file(path))

    return make


@pytest.fixture
def site_with():
    """A function to the number of the one value site whose statement holds a text, in a function and of a kind."""

    def find(bench, text: str, function: str = "grads", kind: str | None = None):
        (number,) = [
            site.number
            for site in bench.sites
            if text in site.text and site.function == function and (site.kind == kind if kind else site.is_value)
        ]
        return number

    return find


@pytest.fixture
def assert_same():
    """A function that compares every entry of two cases' gradients at the first one's own points of some seeds."""

    def compare(true, mended, seeds):
        for seed in seeds:
            point = own_point(true, seed)
            found, wanted = gradient_at(mended, point), gradient_at(true, point)
            for name in wanted:
                np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)

    return compare
