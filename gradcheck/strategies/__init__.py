"""Hypothesis strategies: networks of every kind, their points, activations, losses, cotangents."""

from gradcheck.strategies.kinds import KINDS as KINDS
from gradcheck.strategies.networks import activations as activations
from gradcheck.strategies.networks import cases as cases
from gradcheck.strategies.networks import cotangents as cotangents
from gradcheck.strategies.networks import losses as losses
from gradcheck.strategies.networks import networks as networks
from gradcheck.strategies.networks import points as points
from gradcheck.strategies.points import numbers_at as numbers_at
from gradcheck.strategies.points import point_at as point_at
