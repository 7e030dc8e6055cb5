"""A finished run becomes a model: its files fetched, proven, published."""
