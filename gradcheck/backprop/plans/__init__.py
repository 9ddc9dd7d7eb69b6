"""From a record to a plan: one straight line of NumPy calls into buffers that are kept."""
