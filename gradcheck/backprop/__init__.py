"""Opinion 3: reverse mode in NumPy."""
