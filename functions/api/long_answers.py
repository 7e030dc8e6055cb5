"""Text that may be longer than one answer: cut at a line, and said to be."""

from collections.abc import Iterable

MOST_BYTES = 5_000_000
CUT = "... cut here: the rest does not fit into one answer; read on by page"


def as_much_as_fits(lines: Iterable[str], last: str = CUT) -> str:
    """Return lines that end themselves, up to what an answer takes; a last line says what is left.

    Args:
        last: says that lines are missing, in the form of the text.
    """
    kept: list[str] = []
    size_bytes = 0
    for line in lines:
        size_bytes += len(line.encode())
        if size_bytes > MOST_BYTES:
            return "".join([*kept, f"{last}\n"])
        kept.append(line)
    return "".join(kept)
