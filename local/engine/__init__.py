"""The embedded AWS, and what it leaves out."""
