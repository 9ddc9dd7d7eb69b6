"""The thing under check: load it, find its names, flatten its structures, call it safely."""
