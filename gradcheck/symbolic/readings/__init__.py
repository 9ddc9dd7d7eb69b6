"""How the symbolic opinion reads each kind of layer and loss: its own forward pass, number by number."""
