"""The folder that is delivered."""
