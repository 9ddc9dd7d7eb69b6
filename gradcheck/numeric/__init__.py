"""The numeric opinion: differences of a function on a ladder of steps, each with an error bar that can be trusted."""
