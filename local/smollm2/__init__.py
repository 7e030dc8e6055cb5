"""A small real language model for the demo, taken from a Python package and converted here."""
