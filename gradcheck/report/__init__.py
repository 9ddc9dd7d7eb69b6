"""Results to page, text and JSON: words, numbers, formulas and figures; computes nothing that is a finding."""
