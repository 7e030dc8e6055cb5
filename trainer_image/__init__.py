"""The GPU worker: one RunPod job in, one verified adapter out. Knows nothing of the database."""
