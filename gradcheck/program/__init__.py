"""Straight-line programs of named definitions, and the tracer that makes one from user code."""
