"""Figures as places on a page: coordinates and words, which the templates draw as SVG."""
