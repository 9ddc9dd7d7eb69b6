"""Teaching: the chain rule of one partial, written out."""
