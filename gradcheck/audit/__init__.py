"""Would this check have caught it? Degenerate points, generic points, planted faults."""
