"""How the elements of an array start, so that the next one is known after a broken one. Pure.

Where elements stand on lines of their own, by the line end and the indentation before them, which
what is nested in them does not have; otherwise by a comma. Either way by a first key, with the
kind of value that stands under it: a call in a row may begin with the key that rows begin with.
"""

import re

from brightrun.datasets.signatures import TELLING_KEYS

_START = re.compile(rb'(?P<lead>\s*)\{\s*(?P<key>"(?:[^"\\]|\\.)*+")\s*:\s*(?P<value>["\[{]?)')
_KEPT = 8
_LONGEST = 200


class ElementStarts:
    """What is known of the starts of elements; a few, for they are much alike."""

    def __init__(self) -> None:
        self._keys: dict[bytes, None] = {}
        self._leads: dict[bytes, None] = {}
        self._pattern: re.Pattern[bytes] | None = None

    def learn(self, element: bytes) -> None:
        """Remember how an element starts, with the spaces before it."""
        lead = element[: len(element) - len(element.lstrip())]
        if b"\n" in lead and len(lead) <= _LONGEST:
            self._keep(self._leads, re.escape(lead[lead.rfind(b"\n") :]))
        found = _START.match(element)
        if found is not None and len(found["key"]) <= _LONGEST:
            value = re.escape(found["value"]) or rb'[^"\[{\s]'
            self._keep(self._keys, re.escape(found["key"]) + rb"\s*:\s*" + value)

    def _keep(self, known: dict[bytes, None], new: bytes) -> None:
        if new not in known and len(known) < _KEPT:
            known[new] = None
            self._pattern = None

    def search(self, data: bytes) -> re.Match[bytes] | None:
        """Find the start of an element; the group `start` begins with its brace."""
        if self._pattern is None:
            before = b"|".join(self._leads) or rb",\s*"
            keys = b"|".join(self._keys) or _ANY_KEY
            self._pattern = re.compile(rb"(?:%b)(?P<start>\{\s*(?:%b))" % (before, keys))
        return self._pattern.search(data)


_ANY_KEY = b"|".join(re.escape(f'"{key}"'.encode()) + rb"\s*:" for key in sorted(TELLING_KEYS))
