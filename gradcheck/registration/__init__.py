"""A user's own activation or layer, put into every table and checked at once."""

from gradcheck.registration.activations import register_activation as register_activation
from gradcheck.registration.layers import register_layer as register_layer
