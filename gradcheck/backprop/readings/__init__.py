"""How reverse mode reads each kind of layer and loss: whole batches as arrays, by our array functions."""
