"""Accounts: who is calling, what they were told, and what they spent."""
