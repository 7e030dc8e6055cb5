"""The shape of a golden case: a file, and the report a person wrote for it."""

from typing import NamedTuple


class Expected(NamedTuple):
    """One line of the report; severity and hint follow from the code (`codes.py`)."""

    line: int
    path: str
    code: str
    message: str
    excerpt: str = ""


class Bad(NamedTuple):
    """A file with something wrong, and everything the report must say of it."""

    name: str
    content: bytes
    report: tuple[Expected, ...]


def few(rows: int) -> Expected:
    """Return the warning that every small file gets."""
    return Expected(0, "", "too_few_examples", f"the number of rows that train is only {rows}")


NOTHING = Expected(0, "", "no_trainable_pairs", "no row can be trained on")
EMPTY = Expected(0, "", "empty_file", "the file holds no rows")
