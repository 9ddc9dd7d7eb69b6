"""Squashing functions and erf, right to the last digits however far out the argument lies."""

import math

from gradcheck.backprop.functions import erf as erf_value
from gradcheck.backprop.functions import erfc as erfc_value
from gradcheck.backprop.functions import sigmoid as sigmoid_value
from gradcheck.backprop.functions import softplus as softplus_value
from gradcheck.backprop.primitives import Rule
from gradcheck.backprop.rules.elementwise import exp, smooth
from gradcheck.backprop.variables import define

# s·(1 - s) would lose its digits where s rounds to 1; 1 - s(a) = s(-a).
sigmoid: Rule = define("sigmoid", smooth(sigmoid_value, lambda y, a: y * sigmoid(-a)))
softplus: Rule = define("softplus", smooth(softplus_value, lambda y, a: sigmoid(a)))
erf: Rule = define("erf", smooth(erf_value, lambda y, a: exp(-a * a) * (2 / math.sqrt(math.pi))))
erfc: Rule = define("erfc", smooth(erfc_value, lambda y, a: exp(-a * a) * (-2 / math.sqrt(math.pi))))
