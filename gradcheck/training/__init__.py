"""A small trainer, and a watch over gradients while something is trained."""

from gradcheck.training.descent import Training as Training
from gradcheck.training.descent import train as train
from gradcheck.training.monitor import Monitor as Monitor
from gradcheck.training.tables import Table as Table
from gradcheck.training.tables import read_table as read_table
