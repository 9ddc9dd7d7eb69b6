"""Runnable files, one idea each; `gradcheck demo` and the tests run them."""
