"""gradcheck says whether a gradient is right, where it is wrong, and shows the evidence."""

__version__ = "0.1.0"
