"""Training: what a run is configured with, what it will cost, and what a worker may say."""
