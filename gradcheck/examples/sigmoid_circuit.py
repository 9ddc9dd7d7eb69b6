"""One sigmoid unit as a circuit of elementary gates, walked back gate by gate from d(out) = 1.

    gradcheck check sigmoid_circuit.py
    gradcheck derive sigmoid_circuit.py w0
"""

import math

x0 = -1.0
x1 = -2.0

point = {"w0": 2.0, "w1": -3.0, "w2": -3.0}


def loss(w0, w1, w2):
    m0 = w0*x0
    m1 = w1*x1
    dot = m0 + m1 + w2
    neg = -dot
    power = math.exp(neg)
    below = 1 + power
    out = 1/below
    return out


def grads(w0, w1, w2):
    dot = w0*x0 + w1*x1 + w2
    power = math.exp(-dot)
    below = 1 + power
    dout = 1.0
    dbelow = -1/below**2*dout
    dpower = dbelow
    dneg = power*dpower
    ddot = -dneg
    return {"w0": x0*ddot, "w1": x1*ddot, "w2": ddot}
