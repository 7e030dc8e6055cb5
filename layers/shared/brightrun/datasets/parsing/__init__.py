"""Bytes of any known format to normalised rows with their findings."""
