"""What the two processes tell each other."""
