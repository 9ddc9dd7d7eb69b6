"""Formula trees to text, MathML and LaTeX; the order of the chain is kept, and every printer puts its own brackets."""
