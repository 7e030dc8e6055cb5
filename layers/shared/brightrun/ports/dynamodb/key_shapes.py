"""What a key is made of: one item, a group of items, and where a record lives."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Key:
    """The primary key of one item."""

    pk: str
    sk: str


@dataclass(frozen=True)
class Group:
    """All items of one kind in one partition: those whose sort key begins with `prefix`."""

    pk: str
    prefix: str

    def key(self, name: str) -> Key:
        """Return the key of the one with this name."""
        return Key(self.pk, f"{self.prefix}{name}")


class Kind(StrEnum):
    """What is counted by status or code, and listed by status."""

    DATASET = "DATASET"
    JOB = "JOB"
    MODEL = "MODEL"
    NOTE = "NOTE"
    FAILURE = "FAILURE"
    STARS = "STARS"
    BYTES = "BYTES"


@dataclass(frozen=True)
class Place:
    """Where a record lives: its key, its place in the list index, and until when.

    Attributes:
        expires_at: seconds since 1970; None is for ever.
    """

    key: Key
    list_pk: str | None = None
    list_sk: str | None = None
    expires_at: int | None = None
