"""A deliberate fault: one change of one place, and the tests that must notice it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of one place, and where it must be noticed.

    Attributes:
        sound: text that stands once in `file`; `broken` takes its place.
        tests: of which at least one must fail: files, or single tests as `file::name`.
    """

    name: str
    file: str
    sound: str
    broken: str
    tests: tuple[str, ...]
