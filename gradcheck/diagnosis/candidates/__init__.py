"""What a person may have meant instead: one family of changes per file."""
