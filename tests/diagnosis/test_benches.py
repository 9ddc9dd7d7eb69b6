"""The bench: watched, replaced and remembered values of a user's own run."""

import numpy as np
import pytest

from gradcheck.diagnosis.benches import changed_case, gradients_of, loss_of, moments_of
from gradcheck.errors import UserCodeError
from gradcheck.subject.cases import gradient_at

LOOP = """
    def point(seed):
        return {"w": np.array([1.0, 2.0])}

    def loss(w):
        return np.sum(w**3)

    def grads(w):
        d = np.zeros(2)
        for i in range(2):
            s = 3 * w[i]
            d[i] += s * w[i]
        return {"w": d}
"""
AT = {"w": np.array([1.0, 2.0])}


def test_without_a_hook_the_text_does_what_it_always_did(bench_of, site_with):
    bench = bench_of(LOOP)
    assert loss_of(bench, AT) == 9.0
    assert gradients_of(bench, AT)["w"].tolist() == [3.0, 12.0]


def test_a_hook_replaces_the_value_of_a_site(bench_of, site_with):
    bench = bench_of(LOOP)
    number = site_with(bench, "s = 3")
    doubled = gradients_of(bench, AT, lambda site, value: 2 * value if site == number else value)
    assert doubled["w"].tolist() == [6.0, 24.0]
    assert gradients_of(bench, AT)["w"].tolist() == [3.0, 12.0]  # the hook is off again


def test_moments_are_what_each_execution_saw_before_later_statements_changed_it(bench_of, site_with):
    bench = bench_of(LOOP)
    first, second = moments_of(bench, AT, site_with(bench, "d[i] +="))
    assert (first.value, first.names["d"].tolist(), first.names["i"]) == (3.0, [0.0, 0.0], 0)
    assert (second.value, second.names["d"].tolist()) == (12.0, [3.0, 0.0])
    assert second.evaluate("s * w[i] + np.abs(d[0])") == 15.0


def test_a_comprehension_sees_the_names_around_it(bench_of, site_with):
    bench = bench_of("""
        def point(seed):
            return {"w": 2.0}

        def loss(w):
            return w**2

        def grads(w):
            k = 7
            double = lambda v: v + v
            return {"w": sum([double(u) for u in [w]])}
    """)  # fmt: skip
    (moment,) = moments_of(bench, {"w": np.array(2.0)}, site_with(bench, "double = ", kind="lambda"))
    assert moment.evaluate("v + w") == 4.0


def test_what_the_code_raises_is_told_with_its_line_and_the_hook_is_off(bench_of, site_with):
    bench = bench_of(LOOP)
    with pytest.raises(UserCodeError, match=r"net\.py, line \d+ in grads"):
        gradients_of(bench, AT, lambda site, value: "none")
    assert gradients_of(bench, AT)["w"].tolist() == [3.0, 12.0]


def test_a_changed_text_gives_the_same_case_with_other_functions(bench_of, site_with):
    bench = bench_of(LOOP)
    changed = changed_case(bench.original, bench.text.replace("s = 3 *", "s = 5 *"))
    assert gradient_at(changed, AT)["w"].tolist() == [5.0, 20.0]


def test_objects_are_remembered_as_they_were(bench_of, site_with):
    bench = bench_of("""
        class Layer:
            def back(self, d):
                self.dw = d * 2
                self.dw = d * 3
                return self.dw

        def point(seed):
            return {"w": np.array([2.0])}

        def loss(w):
            return np.sum(w)

        def grads(w):
            return {"w": Layer().back(w)}
    """)  # fmt: skip
    (moment,) = moments_of(bench, {"w": np.array([2.0])}, site_with(bench, "d * 3", "Layer.back"))
    assert moment.evaluate("self.dw").tolist() == [4.0]


def test_a_float_is_given_as_one_so_that_nothing_is_added_to_it_in_its_place(bench_of):
    """`s = b` and `s += x` would change a parameter that is an array, and what is computed with it later."""
    bench = bench_of("""
        def point(seed):
            return {"w": np.array([1.0, 2.0]), "b": 0.5}

        def loss(w, b):
            return np.sum(w) * b

        def grads(w, b):
            s = b
            for one in w:
                s += one
            return {"w": b * np.ones(2), "b": s - b}
    """)
    at = {"w": np.array([1.0, 2.0]), "b": np.array(0.5)}
    found = gradients_of(bench, at)
    assert (found["w"].tolist(), found["b"]) == ([0.5, 0.5], 3.0)


def test_a_function_that_remembers_its_answers_hears_every_hook(bench_of):
    bench = bench_of("""
        import functools
        calls = []
        class Net:
            @functools.lru_cache
            def slope(self, w):
                return 3 * w
        net = Net()
        def point(seed):
            return {"w": 1.0 + seed}
        def loss(w):
            return w * w
        @functools.lru_cache(maxsize=None)
        def grads(w):
            doubled = 1 * net.slope(float(w))
            return {"w": doubled}
    """)
    point = {"w": np.array(1.5)}
    for number in (site.number for site in bench.sites if site.function in ("grads", "Net.slope")):
        moved = [
            gradients_of(bench, point, lambda site, value, k=k, n=number: k if site == n else value) for k in (7, 8)
        ]
        assert moved[0] != moved[1]
