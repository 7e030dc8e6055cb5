"""JSON that keeps what was written: every digit of a number, and a key that stands twice. Pure.

Fast decoders turn whole numbers beyond 64 bits into floats, round decimals, and keep the last of
two equal keys. What trains must have the digits of the file.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Self

import msgspec
import orjson

MAX_DIGITS = 4000
"""Of one whole number; Python itself refuses to read more than 4,300."""
MAX_DEPTH = 100
"""How deeply values may be nested; templates and encoders go through them by recursion."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotExact(ValueError):
    """A text that is JSON by its grammar and still cannot be read as it stands."""


class Spelled:
    """A number that is written as it was read, whoever writes it.

    Attributes:
        json_text: as it stands in the file; templates and digests see no other spelling.
    """

    json_text: str

    def __repr__(self) -> str:
        return self.json_text

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else self.json_text


class SpelledFloat(Spelled, float):
    """A number whose text is not the one Python would write for it, such as `1.10` or `1e400`."""

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.json_text = text
        return made


class RepeatedKeys(dict[str, Any]):
    """An object in which keys stand more than once; `again` names them."""

    again: tuple[str, ...] = ()


def exact_loads(text: str | bytes) -> object:
    """Return the value, with every digit; objects with repeated keys are `RepeatedKeys`.

    Raises:
        ValueError: this is not JSON.
        NotExact: it names a number that is too long, or no number (NaN).
        RecursionError: it is nested too deeply.
    """
    return json.loads(
        # Given bytes, it would guess the encoding.
        text if isinstance(text, str) else text.decode(),
        object_pairs_hook=_object,
        parse_float=_float,
        parse_int=_int,
        parse_constant=_constant,
    )


def decoded(raw: bytes) -> object:
    """Return a value fast, numbers rounded, to be looked at and not kept; `None` for no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        # It refuses numbers beyond a float, half surrogate pairs and deep nesting, too.
        try:
            return exact_loads(raw)
        except (ValueError, RecursionError):
            return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeated = RepeatedKeys(value)
    counts = Counter(key for key, _ in pairs)
    repeated.again = tuple(key for key, count in counts.items() if count > 1)
    return repeated


def _float(text: str) -> float:
    plain = float(text)
    return plain if repr(plain) == text else SpelledFloat(text)


def _int(text: str) -> int | float:
    if len(text) > MAX_DIGITS:
        raise NotExact(f"a number of {len(text)} digits; {MAX_DIGITS} are read")
    # `-0` is a number of its own that Python's whole numbers do not have.
    return SpelledFloat(text) if text == "-0" else int(text)


def _constant(name: str) -> float:
    raise NotExact(f"{name} is not a number in JSON")


def flaws_in(value: object) -> Iterator[tuple[str, str, str]]:
    """Yield (path, code, what) of what cannot be read as it stands, in the order of the text.

    That is a key that stands twice, half a surrogate pair, and a value nested too deeply.
    """
    waiting: list[tuple[str, object, int]] = [("", value, 0)]
    while waiting:
        path, item, depth = waiting.pop()
        if isinstance(item, str):
            if not item.isascii() and (half := _SURROGATE.search(item)) is not None:
                yield path, "lone_surrogate", f"\\u{ord(half.group()):04x}"
        elif not isinstance(item, dict | list):
            continue
        elif depth >= MAX_DEPTH:
            yield path, "too_deep", str(MAX_DEPTH)
        elif isinstance(item, list):
            inner = reversed([*enumerate(item)])
            waiting.extend((f"{path}/{at}", each, depth + 1) for at, each in inner)
        else:
            yield from _flaws_of_keys(path, item)
            inner_items = reversed(item.items())
            waiting.extend((path + _step(key), each, depth + 1) for key, each in inner_items)


def _flaws_of_keys(path: str, item: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key in getattr(item, "again", ()):
        yield path + _step(key), "duplicate_key", repr(key)
    for key in item:
        if not key.isascii() and (half := _SURROGATE.search(key)) is not None:
            yield path + _step(key), "lone_surrogate", f"\\u{ord(half.group()):04x}"


def _step(key: str) -> str:
    whole = key.encode(errors="replace").decode()
    return "/" + whole.replace("~", "~0").replace("/", "~1")


def exact_dumps(
    value: object,
    *,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Return JSON as Python's `json.dumps` writes it, numbers as they stand in the file."""
    if not any(hasattr(leaf, "json_text") for leaf in _numbers_in(value)):
        return json.dumps(
            value,
            ensure_ascii=ensure_ascii,
            indent=indent,
            separators=separators,
            sort_keys=sort_keys,
        )
    comma, colon = separators or (("," if indent is not None else ", "), ": ")
    step = " " * indent if isinstance(indent, int) else indent
    return _Writer(ensure_ascii, step, comma, colon, sort_keys).text(value, 0)


def _numbers_in(value: object) -> Iterator[object]:
    waiting: list[object] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
        elif not isinstance(item, str):
            yield item


class _Writer(msgspec.Struct, frozen=True):
    """How a value is written."""

    ensure_ascii: bool
    step: str | None
    comma: str
    colon: str
    sort_keys: bool

    def text(self, value: object, depth: int) -> str:
        if isinstance(value, dict):
            items = sorted(value.items()) if self.sort_keys else value.items()
            inner = (
                f"{self._plain(str(key))}{self.colon}{self.text(each, depth + 1)}"
                for key, each in items
            )
            return self._framed("{", inner, "}", depth)
        if isinstance(value, list | tuple):
            return self._framed("[", (self.text(each, depth + 1) for each in value), "]", depth)
        return str(getattr(value, "json_text", None) or self._plain(value))

    def _plain(self, value: object) -> str:
        return json.dumps(value, ensure_ascii=self.ensure_ascii)

    def _framed(self, opening: str, inner: Iterator[str], closing: str, depth: int) -> str:
        items = list(inner)
        if self.step is None or not items:
            return opening + self.comma.join(items) + closing
        line = "\n" + self.step * (depth + 1)
        end = "\n" + self.step * depth
        return f"{opening}{line}{(self.comma + line).join(items)}{end}{closing}"


def compact_bytes(value: object, *, ordered: bool = False) -> bytes:
    """Return a value as short JSON that is the same for equal values of one spelling."""
    return msgspec.json.encode(
        value, enc_hook=_as_written, order="deterministic" if ordered else None
    )


def _as_written(value: object) -> msgspec.Raw:
    text = getattr(value, "json_text", None)
    if text is None:
        raise TypeError(type(value).__name__)
    return msgspec.Raw(text.encode())
