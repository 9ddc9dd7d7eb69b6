"""What is computed: pure data, no arithmetic."""
