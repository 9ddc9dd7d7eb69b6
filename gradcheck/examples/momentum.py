"""Momentum done wrong beside momentum done right, on the source example moved off its blind point.

One source writes the change of a weight as rate · error · output · (alpha · last change): a product. Once the last
change is 0, and before the first step it is, every later one is 0 too: nothing ever moves. The right change is a sum,
rate · gradient + alpha · last change. Run it:

    python -m gradcheck.examples.momentum
"""

import math

x1, x2, y = 0.02, 0.03, 7.0
RATE, ALPHA, STEPS = 0.001, 0.9, 200
START = {"w1": 0.1, "w2": 0.3, "w3": 0.2, "w4": -0.4, "w5": 0.5, "w6": -0.3, "b1": 0.5, "b2": 0.35}


def loss_and_grads(w1, w2, w3, w4, w5, w6, b1, b2):
    outh1 = 1/(1 + math.exp(-(w1*x1 + w2*x2 + b1)))
    outh2 = 1/(1 + math.exp(-(w3*x1 + w4*x2 + b1)))
    out = w5*outh1 + w6*outh2 + b2
    delta = -(y - out)
    delta1 = delta*w5*outh1*(1 - outh1)
    delta2 = delta*w6*outh2*(1 - outh2)
    grads = {"w1": delta1*x1, "w2": delta1*x2, "w3": delta2*x1, "w4": delta2*x2,
             "w5": delta*outh1, "w6": delta*outh2, "b1": delta1 + delta2, "b2": delta}
    return 0.5*(y - out)**2, grads


def wrong_change(gradient, last):
    return RATE*gradient*(ALPHA*last)


def right_change(gradient, last):
    return RATE*gradient + ALPHA*last


def descend(change_of, first=0.0):
    """Losses before every step; `first` stands for the change before the first step."""
    params, last, losses = dict(START), dict.fromkeys(START, first), []
    for _ in range(STEPS):
        loss, grads = loss_and_grads(**params)
        losses.append(loss)
        for name, gradient in grads.items():
            last[name] = change_of(gradient, last[name])
            params[name] -= last[name]
    return losses


if __name__ == "__main__":
    for words, change_of, first in [
        ("the product, last change 0", wrong_change, 0.0),
        ("the product, last change 1", wrong_change, 1.0),
        ("the sum", right_change, 0.0),
    ]:
        losses = descend(change_of, first)
        print(f"{words:28}  loss {losses[0]:.6f} -> {losses[1]:.6f} -> {losses[-1]:.6f} after {STEPS} steps")
