"""Mistakes as people make them, planted into correct backward passes, and whether they are mistakes at all."""
