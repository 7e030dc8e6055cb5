"""What lies in a file before any row: its packing, its kind, its lines. Pure."""
