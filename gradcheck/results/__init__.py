"""Values that travel: frozen, with read-only arrays; they know no maker and no viewer."""
