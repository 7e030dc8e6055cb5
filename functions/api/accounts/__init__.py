"""What an account asks of the API: its keys, its data, what it is told and where."""
