"""Opinion 1, exact: SymPy differentiates named definitions one by one, the chain rule runs over the names."""
