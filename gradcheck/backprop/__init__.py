"""Opinion 3: reverse mode in NumPy. Importing the room fills its tables: primitives, and NumPy's functions by ours."""

from gradcheck.backprop import numpy_names as numpy_names
