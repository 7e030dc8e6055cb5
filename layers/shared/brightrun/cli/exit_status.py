"""How a command ends, for scripts: the one list."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the shell sees.

    Attributes:
        GOOD: what was asked for is done, and what was looked at is good.
        NOT_GOOD: the command worked, but its subject is not good: a file with errors, a job that
            failed, a model whose files are not what was declared.
        WRONG_COMMAND: unknown words, a file that is not there, no address or key to use.
        REFUSED: the API said no; its sentence and code are on stderr.
        UNREACHABLE: no answer from the API or the storage after every attempt; try again.
        INTERRUPTED: by Control-C.
    """

    GOOD = 0
    NOT_GOOD = 1
    WRONG_COMMAND = 2
    REFUSED = 3
    UNREACHABLE = 4
    INTERRUPTED = 130


class WrongCommand(Exception):
    """The command cannot be carried out as it was given; the message says what helps."""
