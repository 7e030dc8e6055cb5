"""One job from a file to a verified adapter, shown."""
