"""Noting what is wrong with one row while it is read. Pure."""

import json
from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

import orjson

from brightrun.datasets.parsing.exact_json import (
    RepeatedKeys,
    SpelledFloat,
    compact_bytes,
    flaws_in,
)
from brightrun.datasets.parsing.spellings import CONVERSATION_KEYS, is_blank
from brightrun.datasets.problems import Code, Finding, did_you_mean, excerpt_of, near_word
from brightrun.datasets.record import Severity
from brightrun.datasets.rules import RULES

_KINDS: Mapping[type, str] = MappingProxyType(
    {
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
        SpelledFloat: "a number",
        RepeatedKeys: "an object",
        type(None): "null",
    }
)


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words."""
    return _KINDS[type(value)]


def shown(value: object) -> str:
    """Return an excerpt of any JSON value."""
    if isinstance(value, str):
        return excerpt_of(value)
    try:
        return excerpt_of(compact_bytes(value).decode())
    except (RecursionError, ValueError):
        # Decoders take deeper nesting than encoders do.
        return kind_of(value)


def broken(error: json.JSONDecodeError) -> str:
    """Return where a text stops being JSON, in words that do not depend on the decoder's."""
    if error.pos >= len(error.doc):
        return "it ends in the middle"
    return f"unexpected {error.doc[error.pos]!r} at character {error.pos + 1}"


def mending(text: str, place: int) -> str:
    """Return what helps where a text stops being JSON by one of the usual mistakes."""
    here = text[place : place + 1]
    if not here:
        return "write the line whole: its quotes and brackets are not closed"
    before, after = text[:place].rstrip()[-1:], text[place + 1 :].lstrip()[:1]
    remarks = (
        (
            here == "'" or text.startswith(_PYTHON_WORDS, place),
            "this is Python, not JSON; write it with json.dumps",
        ),
        (here in _CURLY_QUOTES, "write straight quotation marks"),
        (before == "," and here in "]},", "the comma before it is one too many: remove it"),
        (here == "," and after in ("]", "}"), "this comma is one too many: remove it"),
        (
            here == "," and not after and _is_whole(text[:place]),
            "remove this comma: rows have none",
        ),
        (
            here in _OTHER_LINE_ENDS,
            "end each row with a line feed; this is another kind of line end",
        ),
        (here == "\ufeff", "remove this byte order mark: files with one were put together"),
        (here == "\0", "the file was not written whole, or is not text: write it again"),
        (here in '"{[' and _is_whole(text[:place]), "put a second row on a line of its own"),
        (here in '"{[' and before in ('"', "}", "]"), "a comma is missing before it"),
        (text.startswith(("//", "/*", "#"), place), "JSON has no comments: remove it"),
    )
    return next((remark for is_so, remark in remarks if is_so), "")


def _is_whole(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


_PYTHON_WORDS = ("None", "True", "False")
_OTHER_LINE_ENDS = "\u2028\u2029\x85\x0b\x0c"
_CURLY_QUOTES = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"


_ALMOST_THE_SAME = 0.85


def _type_hint(value: object, wanted: str) -> str:
    """Return what to put around a value, where that would do."""
    if wanted.startswith("a string") and isinstance(value, int | float):
        return "put it in quotes"
    return "put it in [ ]" if wanted.startswith("a list") and isinstance(value, dict) else ""


_GUESSED_KEYS, _LONGEST_KEY = 20, 40
"""How many keys of one object are compared with known ones, and how long such a key may be."""


class Notes:
    """The findings of one row."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self, code: Code, path: str, detail: str = "", value: object = None, hint: str = ""
    ) -> None:
        """Note one finding; `value` is what stands at `path`, `hint` what helps in this case."""
        excerpt = "" if value is None else shown(value)
        self.findings.append(Finding(code, path, detail, excerpt, hint))

    def missing(self, path: str, value: Mapping[str, Any], key: str) -> None:
        """Note that a field is missing; a key that is spelled almost so is to be renamed."""
        near = near_word(key, _like_keys(value), least=_ALMOST_THE_SAME)
        hint = f"rename the key {near!r} that stands here" if near else ""
        self.add(Code.MISSING_FIELD, path + pointer(key), repr(key), hint=hint)

    def wrong_type(self, path: str, value: object, wanted: str) -> None:
        """Note that `value` is not what is wanted there."""
        told = f"this should be {wanted}, it is {kind_of(value)}"
        self.add(Code.WRONG_TYPE, path, told, value, _type_hint(value, wanted))

    @property
    def has_errors(self) -> bool:
        """Whether the row has to be rejected."""
        return any(RULES[found.code].severity is Severity.ERROR for found in self.findings)


def flaws_of(value: object, path: str = "") -> tuple[Finding, ...]:
    """Return what is JSON and still cannot be read as it stands."""
    return tuple(Finding(Code(code), path + at, what) for at, code, what in flaws_in(value))


def pointer(key: str) -> str:
    """Return a key as a step of a JSON pointer."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def note_unknown_keys(
    value: Mapping[str, Any], known: frozenset[str], path: str, notes: Notes
) -> None:
    """Warn about every key that will be ignored, and guess what the first of them were to be."""
    unknown = [key for key in value if key not in known]
    unused = frozenset(key for key in known if key not in value) if unknown else frozenset()
    for at, key in enumerate(unknown):
        hint = did_you_mean(key, unused) if at < _GUESSED_KEYS else ""
        notes.add(Code.UNKNOWN_KEY, path + pointer(key), excerpt_of(repr(key)), value[key], hint)


def _like_keys(value: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys that may be a known one misspelled; guesses are remembered, so few."""
    return frozenset(key for key in islice(value, _GUESSED_KEYS) if len(key) <= _LONGEST_KEY)


def text_field(
    value: Mapping[str, Any], key: str, path: str, notes: Notes, *, required: bool = True
) -> str | None:
    """Return a string that is not blank, or note why there is none."""
    where = path + pointer(key)
    if key not in value:
        if required:
            notes.missing(path, value, key)
        return None
    text = value[key]
    if isinstance(text, str) and not (required and is_blank(text)):
        return text
    if isinstance(text, str):
        notes.add(Code.EMPTY_CONTENT, where, value=text)
    elif text is not None or required:
        notes.wrong_type(where, text, "a string")
    return None


def id_field(value: Mapping[str, Any], notes: Notes, key: str) -> str | None:
    """Return an identifier as text; files write it as a string or as a whole number."""
    given = value.get(key)
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if key in value and not isinstance(given, str):
        notes.wrong_type(pointer(key), given, "a string or a whole number")
        return None
    return text_field(value, key, "", notes)


def conversation_field(value: Mapping[str, Any], notes: Notes) -> str | None:
    """Return the conversation a row names, if it names one.

    Rows of one conversation overlap, so the held-out split goes by it in every format.
    """
    for key in CONVERSATION_KEYS:
        given = value.get(key)
        if isinstance(given, int) and not isinstance(given, bool):
            return str(given)
        if isinstance(given, str) and not is_blank(given):
            return given
        if given is not None and not isinstance(given, str):
            notes.wrong_type(pointer(key), given, "a string or a whole number")
    return None
