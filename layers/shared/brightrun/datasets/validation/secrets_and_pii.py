r"""Secrets and personal data that a file should not hold. Pure.

Finds what has a telling form: keys of well-known services, private keys, e-mail addresses,
telephone, card and account numbers. It does not find names, addresses, passwords in prose, or
anything behind `\uXXXX` escapes; it is a warning light, not a proof of absence. Text that only
looks like personal data is looked at for so long, and said to have been left then: a file of
numbers must not cost more than a file of words.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice

import msgspec
from pydantic_core import SchemaValidator, core_schema

from brightrun.datasets.parsing.exact_json import decoded
from brightrun.datasets.parsing.row_findings import pointer
from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.validation.suspect_kinds import (
    ACCOUNT,
    CARD,
    PERSONAL,
    SECRETS,
    SECURITY_NUMBER,
    TELEPHONE,
    Kind,
)

_SHOWN_CHARACTERS = 4

Look = Callable[[bytes], bool]


def _search(pattern: str) -> Look:
    """Return a search by pydantic's Rust engine: gigabytes per second, and never more than linear.

    Python's own engine takes twenty times as long over a text without a match. Takes
    UTF-8; in other bytes it finds nothing.
    """
    schema = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")
    return SchemaValidator(schema).isinstance_python


class _Group(msgspec.Struct, frozen=True, eq=False):
    """Kinds that are looked for together: one of them can only be where `shows` says so."""

    kinds: tuple[Kind, ...]
    shows: Look


def _group(*kinds: Kind) -> _Group:
    return _Group(kinds, _search("|".join(kind.sign for kind in kinds)))


_SECRET = _group(*SECRETS)
_GROUPS = (_SECRET, *(_group(kind) for kind in PERSONAL))
# Stands in whatever of these has digits. The engine finds digits at the start of a pattern ten
# times as fast as letters, and one look is cheaper than four.
_DIGITS_SIGN = _search(r"[0-9](?:[ ().-]{0,2}[0-9A-Z]){7}")
_OF_DIGITS = (ACCOUNT, CARD, SECURITY_NUMBER, TELEPHONE)
# Stands in every account number and every card number: one look instead of two.
_NUMBER_SIGN = _search(r"[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2}")
_NUMBERS = (ACCOUNT, CARD)


@cache  # as many as there are sets of personal kinds
def _at_one_pass(groups: tuple[_Group, ...]) -> Look:
    """Return a look for all of these: of one speed, whatever the text.

    A look for digits skips what has none. Where there is little else, skipping is several times
    slower than reading on, and each kind would skip for itself. Among the words that secrets
    start with the engine cannot skip, so that it reads on.
    """
    return _search("|".join(kind.sign for group in groups for kind in group.kinds))


_SAMPLED = 61
_DENSE = 0.05
_DIGITS = b"0123456789"


def _is_full_of_digits(text: bytes) -> bool:
    """Whether one byte of twenty is a digit, by a sample that is spread over all of it."""
    sample = text[::_SAMPLED]
    return len(sample) - len(sample.translate(None, _DIGITS)) > _DENSE * len(sample)


_FIRST_LOOKS = 500_000
_LOOKS_PER_BYTE = 0.01
"""How much may be looked at in vain: some characters, and a hundredth of the file. An unconfirmed
candidate counts as fifty: looking closer costs as much as reading on."""
_CANDIDATE_LOOKS = 50
_CANDIDATES_IN_ONE_TEXT = 200

_Path = tuple["_Path", str | int] | None


class SuspectSearch:
    """Looks for suspects through one file; what only looks like one is not looked at for ever."""

    def __init__(self) -> None:
        self._read_bytes = 0
        self._in_vain = dict.fromkeys((kind.name for kind in PERSONAL), 0)
        self._groups = _GROUPS
        self._at_one_pass = _at_one_pass(_GROUPS)

    def read(self, size_bytes: int) -> None:
        """Note that so much of the file has gone by."""
        self._read_bytes += size_bytes

    def may_hold(self, text: bytes) -> bool:
        """Return quickly whether UTF-8 text can hold a suspect at all; `in_row` looks closer."""
        if _is_full_of_digits(text):
            return self._at_one_pass(text)
        groups = self._groups
        if not _DIGITS_SIGN(text):
            groups = tuple(each for each in groups if each.kinds[0] not in _OF_DIGITS)
        elif not _NUMBER_SIGN(text):
            groups = tuple(each for each in groups if each.kinds[0] not in _NUMBERS)
        # the slowest look, for account numbers, comes after those that may end the search
        return any(group.shows(text) for group in reversed(groups))

    def in_row(self, raw: bytes) -> Iterator[Finding]:
        """Yield what looks like a secret or like personal data in any string of a line of JSON."""
        if not self._at_one_pass(raw):
            return
        groups = self._groups
        if b"\\u" not in raw:  # only such an escape could hide what a string shows
            groups = tuple(group for group in groups if group.shows(raw))
        yield from self._among(decoded(raw), groups)

    def suspects(self, value: object) -> Iterator[Finding]:
        """Yield what looks like a secret or like personal data in any string of a JSON value.

        The excerpt shows the first characters only: a report must not spread what it warns of.
        """
        return self._among(value, self._groups)

    def _among(self, value: object, groups: tuple[_Group, ...]) -> Iterator[Finding]:
        waiting: list[tuple[_Path, object]] = [(None, value)]
        while waiting:
            path, item = waiting.pop()
            if isinstance(item, str):
                plain = item.encode(errors="replace")
                for group in groups:
                    if group.shows(plain):
                        yield from self._of_group(group, item, path)
            elif isinstance(item, list):
                waiting.extend(((path, at), each) for at, each in reversed([*enumerate(item)]))
            elif isinstance(item, dict):
                waiting.extend(((path, key), item[key]) for key in reversed(item))

    def _of_group(self, group: _Group, text: str, path: _Path) -> Iterator[Finding]:
        if group not in self._groups:
            return
        for kind in group.kinds:
            found, in_vain = _confirmed(kind, text)
            if found is not None:
                yield Finding(kind.code, _written(path), kind.name, found[:_SHOWN_CHARACTERS] + "…")
            elif kind.name in self._in_vain and self._is_too_much(kind, in_vain):
                self._leave(group)
                yield Finding(Code.PII_SEARCH_ENDED, _written(path), kind.name)

    def _is_too_much(self, kind: Kind, in_vain: int) -> bool:
        self._in_vain[kind.name] += in_vain
        return self._in_vain[kind.name] > _FIRST_LOOKS + _LOOKS_PER_BYTE * self._read_bytes

    def _leave(self, left: _Group) -> None:
        self._groups = tuple(group for group in self._groups if group is not left)
        self._at_one_pass = _at_one_pass(self._groups)


def _confirmed(kind: Kind, text: str) -> tuple[str | None, int]:
    """Return the first that is one, and how much was looked at if none is."""
    seen = 0
    for found in islice(kind.pattern.finditer(text), _CANDIDATES_IN_ONE_TEXT):
        if kind.confirms(found.group()):
            return found.group(), 0
        seen += 1
    return None, len(text) + seen * _CANDIDATE_LOOKS


def _written(path: _Path) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(pointer(step) if isinstance(step, str) else f"/{step}")
    return "".join(reversed(steps))
