"""What a document says a command prints, held against what it prints: in form, numbers aside.

In a `console` block a line that begins with `$ ` is a command, the lines below it are its output.
A line `…` stands for any lines, or none; `…` in a line for any characters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PROMPT, ANYTHING = "$ ", "…"
_CHANGES = re.compile(
    r"(?:\d+ h )?\d+ min(?: \d+ s)?"  # a time
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|\b[0-9a-f]{16,}\b"  # a digest
    r"|[+-]?\d[\d,]*(?:\.\d+)?"  # a number
)


@dataclass(frozen=True)
class Said:
    """A command of a transcript, and what it is said to print."""

    command: str
    output: tuple[str, ...]


def transcript(block: str) -> list[Said]:
    """Return the commands of a `console` block with their outputs."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), []))
        elif found:
            found[-1][1].append(line.rstrip())
    return [Said(command, tuple(output)) for command, output in found]


def form_of(line: str) -> str:
    """Return a line with one mark for each id, digest and number in it."""
    return _CHANGES.sub("#", " ".join(line.split()))


def is_of_the_form(expected: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether what was printed has the form that a document shows."""
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == ANYTHING else _pattern(line) + r"\n" for line in expected
    )
    text = "".join(f"{form_of(line)}\n" for line in printed)
    return re.fullmatch(pattern, text) is not None


def _pattern(line: str) -> str:
    """Return what a line's form must match; the ellipsis stands for whatever a terminal cut."""
    return r"[^\n]*".join(map(re.escape, form_of(line).split(ANYTHING)))
