"""The source example trained from its own point: w5 and w6 stay equal for ever, and so the b1 bug never shows.

    python -m gradcheck.examples.two_two_one_trained
"""

from gradcheck.examples.two_two_one import grads as wrong_grads
from gradcheck.examples.two_two_one import loss, point
from gradcheck.examples.two_two_one_mended import grads as right_grads

RATE, STEPS = 0.001, 20_000


def descend(grads, start=point, steps=STEPS):
    """The parameters after so many steps."""
    params = dict(start)
    for _ in range(steps):
        here = grads(**params)
        params = {name: value - RATE*here[name] for name, value in params.items()}
    return params


if __name__ == "__main__":
    for words, grads in [("with the b1 bug", wrong_grads), ("mended", right_grads)]:
        end = descend(grads)
        print(f"{words:16} w5 = {end['w5']:.6f}, w6 = {end['w6']:.6f}, b1 = {end['b1']:.6f}, loss {loss(**end):.3g}")
    aside = {**point, "w6": 0.45}
    ends = [descend(grads, aside) for grads in (wrong_grads, right_grads)]
    print(f"from w6 = 0.45   b1 = {ends[0]['b1']:.6f} with the bug, {ends[1]['b1']:.6f} mended: only here they part")
