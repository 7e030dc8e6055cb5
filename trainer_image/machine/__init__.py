"""The GPU, the host's memory, the versions installed."""
