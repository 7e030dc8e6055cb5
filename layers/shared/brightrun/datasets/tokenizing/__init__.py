"""Rows to tokens, and which of them train."""
