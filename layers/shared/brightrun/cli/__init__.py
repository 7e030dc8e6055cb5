"""The command line: the API by name, and the same rules on files of your own.

A new command: a file in `commands/` whose `register(app)` adds it, and its name in the list of
`main.py`. `session.py` connects, `output.py` prints, `exit_status.py` says how a command ends.
"""
