"""The command line: the same rules as the API, on files of your own."""
