"""The judge: compares two numbers with their error bars, and says how small a fault could have been seen."""
