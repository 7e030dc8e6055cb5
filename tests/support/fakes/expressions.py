"""DynamoDB's expressions, as far as the ports speak them; anything else is refused aloud.

Compiled once per text into closures: the fault harness evaluates hundreds of thousands.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

Item = Mapping[str, Any]
Names = Mapping[str, str]
Values = Mapping[str, Any]
Test = Callable[[Item, Names, Values], bool]
Operand = Callable[[Item, Names, Values], Any]

_TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),]|[#:]?[A-Za-z_][A-Za-z0-9_]*)")
_CLAUSE = re.compile(r"\b(ADD|SET|REMOVE|DELETE)\b")
_PAIR = {
    "ADD": re.compile(r"(#?\w+) (:\w+)"),
    "SET": re.compile(r"(#?\w+) = (:\w+)"),
    "REMOVE": re.compile(r"(?!)"),
    "DELETE": re.compile(r"(?!)"),
}
_MISSING = object()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


class UnknownExpression(BaseException):
    """The ports have learnt to say something new; no batch boundary may hide that."""


@cache
def condition(text: str) -> Test:
    """Return a condition as a test of an item."""
    words = list(_words(text))
    test, rest = _either(words, 0)
    if rest != len(words):
        raise UnknownExpression(text)
    return test


def _words(text: str) -> Iterator[str]:
    place = 0
    text = text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise UnknownExpression(text)
        place = found.end()
        yield found[1]


def _either(words: list[str], at: int) -> tuple[Test, int]:
    left, at = _both(words, at)
    while at < len(words) and words[at] == "OR":
        right, at = _both(words, at + 1)
        left = _or(left, right)
    return left, at


def _both(words: list[str], at: int) -> tuple[Test, int]:
    left, at = _claim(words, at)
    while at < len(words) and words[at] == "AND":
        right, at = _claim(words, at + 1)
        left = _and(left, right)
    return left, at


def _or(left: Test, right: Test) -> Test:
    return lambda i, n, v: left(i, n, v) or right(i, n, v)


def _and(left: Test, right: Test) -> Test:
    return lambda i, n, v: left(i, n, v) and right(i, n, v)


def _claim(words: list[str], at: int) -> tuple[Test, int]:
    if words[at] == "(":
        inner, at = _either(words, at + 1)
        return inner, at + 1
    if words[at] in {"attribute_exists", "attribute_not_exists"}:
        operand, wanted = _operand(words[at + 2]), words[at] == "attribute_exists"
        return lambda i, n, v: (operand(i, n, v) is not _MISSING) is wanted, at + 4
    if words[at] == "begins_with":
        operand, prefix = _operand(words[at + 2]), _operand(words[at + 4])
        return lambda i, n, v: str(operand(i, n, v)).startswith(prefix(i, n, v)), at + 6
    return _comparison(words, at)


def _comparison(words: list[str], at: int) -> tuple[Test, int]:
    left, sign = _operand(words[at]), words[at + 1]
    if sign == "BETWEEN":
        low, high = _operand(words[at + 2]), _operand(words[at + 4])
        return lambda i, n, v: low(i, n, v) <= left(i, n, v) <= high(i, n, v), at + 5
    right, compare = _operand(words[at + 2]), _COMPARE[sign]

    def test(item: Item, names: Names, values: Values) -> bool:
        a, b = left(item, names, values), right(item, names, values)
        return a is not _MISSING and b is not _MISSING and compare(a, b)

    return test, at + 3


def _operand(word: str) -> Operand:
    if word.startswith(":"):
        return lambda _, __, values: values[word]
    if word.startswith("#"):
        return lambda item, names, _: item.get(names[word], _MISSING)
    return lambda item, _, __: item.get(word, _MISSING)


def updated(text: str, item: Item, names: Names, values: Values) -> dict[str, Any]:
    """Return the item after an update of the two kinds that the ports make: ADD and SET."""
    changed = dict(item)
    for verb, name, value in _steps(text):
        real = names.get(name, name)
        if verb == "ADD":
            changed[real] = changed.get(real, Decimal(0)) + Decimal(values[value])
        else:
            changed[real] = values[value]
    return changed


@cache
def _steps(text: str) -> tuple[tuple[str, str, str], ...]:
    clauses = _CLAUSE.split(text)[1:]
    steps = []
    for verb, pairs in zip(clauses[::2], clauses[1::2], strict=True):
        for pair in pairs.split(","):
            found = _PAIR[verb].fullmatch(pair.strip())
            if found is None:
                raise UnknownExpression(text)
            steps.append((verb, found[1], found[2]))
    return tuple(steps)
