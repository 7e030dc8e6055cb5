"""The loop, its step and its checkpoints."""
