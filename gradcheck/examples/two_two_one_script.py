"""The source example as a plain script: no functions, its training loop as it was written, and the b1 bug.

    gradcheck check two_two_one_script.py --report .

Nothing is trained by that: one turn of the loop is taken for the loss (Loss) and its gradient (dLoss_dw1 ...).
"""

import math

x1 = 0.02
x2 = 0.03
y = 7
rate = 0.001

w1 = w2 = w3 = w4 = w5 = w6 = 0.2
b1 = b2 = 0.5

for step in range(1000):
    # forward pass
    neth1 = w1*x1 + w2*x2 + b1
    neth2 = w3*x1 + w4*x2 + b1
    outh1 = 1/(1 + math.exp(-neth1))
    outh2 = 1/(1 + math.exp(-neth2))
    neto = w5*outh1 + w6*outh2 + b2
    out = neto
    Loss = 1/2*(y - out)**2

    # one factor for every link of the chain
    dLoss_dout = -(y - out)
    dout_dneto = 1
    dneto_dw5 = outh1
    dneto_dw6 = outh2
    dneto_db2 = 1
    dneto_douth1 = w5
    dneto_douth2 = w6
    douth1_dneth1 = outh1*(1 - outh1)
    douth2_dneth2 = outh2*(1 - outh2)
    dneth1_dw1 = x1
    dneth1_dw2 = x2
    dneth1_db1 = 1
    dneth2_dw3 = x1
    dneth2_dw4 = x2
    dneth2_db1 = 1

    # the chain rule, link by link
    dLoss_dw1 = dLoss_dout*dout_dneto*dneto_douth1*douth1_dneth1*dneth1_dw1
    dLoss_dw2 = dLoss_dout*dout_dneto*dneto_douth1*douth1_dneth1*dneth1_dw2
    dLoss_dw3 = dLoss_dout*dout_dneto*dneto_douth2*douth2_dneth2*dneth2_dw3
    dLoss_dw4 = dLoss_dout*dout_dneto*dneto_douth2*douth2_dneth2*dneth2_dw4
    dLoss_dw5 = dLoss_dout*dout_dneto*dneto_dw5
    dLoss_dw6 = dLoss_dout*dout_dneto*dneto_dw6
    dLoss_db1 = (dLoss_dout*dout_dneto*dneto_douth1*douth1_dneth1*dneth1_db1
                 + dLoss_dout*dout_dneto*dneto_douth1*douth2_dneth2*dneth2_db1)
    dLoss_db2 = dLoss_dout*dout_dneto*dneto_db2

    # one step downhill
    w1 = w1 - rate*dLoss_dw1
    w2 = w2 - rate*dLoss_dw2
    w3 = w3 - rate*dLoss_dw3
    w4 = w4 - rate*dLoss_dw4
    w5 = w5 - rate*dLoss_dw5
    w6 = w6 - rate*dLoss_dw6
    b1 = b1 - rate*dLoss_db1
    b2 = b2 - rate*dLoss_db2

    if step % 100 == 0:
        print(step, Loss, out)
