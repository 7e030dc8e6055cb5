"""Models: the published adapter, its files, and how good it is in plain words."""
