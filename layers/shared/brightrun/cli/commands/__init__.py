"""One file for each group of commands; each has a `register(app)` that `main.py` calls."""
