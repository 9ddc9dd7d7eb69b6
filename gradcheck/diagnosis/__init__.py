"""What is known about a fault beyond its numbers."""
