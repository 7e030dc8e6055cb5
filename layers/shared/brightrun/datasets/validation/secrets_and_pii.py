r"""Secrets and personal data that a file should not hold. Pure.

Finds what has a telling form: keys of well-known services, private keys, e-mail addresses,
telephone, card and account numbers. It does not find names, addresses, passwords in prose, or
anything behind `\uXXXX` escapes; it is a warning light, not a proof of absence. Text that only
looks like personal data is looked at for so long, and said to have been left then: a file of
numbers must not cost more than a file of words.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec
from pydantic_core import SchemaValidator, core_schema

from brightrun.datasets.parsing.row_findings import pointer
from brightrun.datasets.problems import Code, Finding

_SHOWN_CHARACTERS = 4


class _Kind(msgspec.Struct, frozen=True):
    """One kind of suspect; `confirms` looks closer at what the pattern found."""

    code: Code
    name: str
    pattern: re.Pattern[str]
    confirms: Callable[[str], bool]


def _always(_: str) -> bool:
    return True


def _is_real_address(address: str) -> bool:
    """Addresses reserved for examples harm nobody (RFC 2606)."""
    domain = address.rpartition("@")[2].lower()
    return not re.search(r"(^|\.)(example(\.(com|org|net))?|test|invalid|localhost)$", domain)


def _passes_luhn(number: str) -> bool:
    """Whether the check digit is right. Source: ISO/IEC 7812-1, annex B."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _passes_mod97(account: str) -> bool:
    """Whether the check digits are right. Source: ISO 13616-1."""
    plain = account.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _secret(name: str, pattern: str) -> _Kind:
    return _Kind(Code.SECRET_SUSPECT, name, re.compile(pattern), _always)


def _personal(name: str, pattern: str, confirms: Callable[[str], bool] = _always) -> _Kind:
    return _Kind(Code.PII_SUSPECT, name, re.compile(pattern), confirms)


_SECRETS = (
    _secret("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _secret("an API key (sk-…)", r"\bsk-[A-Za-z0-9_-]{20,}"),
    _secret("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})"),
    _secret("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20}"),
    _secret("a Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    _secret("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    _secret("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
    _secret("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    _secret("a RunPod key", r"\brpa_[A-Z0-9]{30,}"),
    _secret("a private key", r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----"),
    _secret("a signed token (JWT)", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}"),
)
_PERSONAL = (
    _personal(
        "an e-mail address",
        r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}",
        _is_real_address,
    ),
    _personal(
        "an account number (IBAN)",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
        _passes_mod97,
    ),
    _personal("a card number", r"(?<![\d.])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}\b", _passes_luhn),
    _personal("a social security number", r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    _personal(
        "a telephone number",
        r"(?<![\d+])(?:\+\d{1,3}(?:[ ().-]{0,2}\d){7,12}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\d)",
    ),
)


def _search(pattern: str) -> Callable[[object], bool]:
    """Return a search by pydantic's Rust engine: gigabytes per second, and never more than linear.

    Python's own engine takes twenty times as long over a text without a match. Takes
    UTF-8; in other bytes it finds nothing.
    """
    schema = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")
    return SchemaValidator(schema).isinstance_python


# Wherever one of the patterns above matches, so does one of these.
_SECRET_SIGN = _search(
    r"AKIA[A-Z0-9]{16}|ASIA[A-Z0-9]{16}|sk-[A-Za-z0-9_-]{20}|gh[pousr]_[A-Za-z0-9]{36}"
    r"|github_pat_|glpat-|xox[abprs]-|-----BEGIN|AIza|eyJ[A-Za-z0-9_-]{10}"
    r"|hf_[A-Za-z0-9]{30}|[rs]k_live_|rpa_[A-Z0-9]{30}"
)
_AT_SIGN = _search(r"[A-Za-z0-9._%+-]@[A-Za-z0-9-]+\.[A-Za-z0-9-]")
# Stands in every account number and every card number. The engine finds digits at the start of a
# pattern ten times as fast as letters, and one look is cheaper than two.
_NUMBER_SIGN = _search(r"[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2}")
_IBAN_SIGN = _search(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2}")
_CARD_SIGN = _search(r"[0-9]{4}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]")
_SECURITY_SIGN = _search(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_TELEPHONE_SIGN = _search(
    r"\+[0-9]{1,3}(?:[ ().-]{0,2}[0-9]){7}|[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}"
)


def _address_sign(text: bytes) -> bool:
    return b"@" in text and _AT_SIGN(text)


_SIGNS: tuple[Callable[[bytes], bool], ...] = (
    _address_sign,
    _IBAN_SIGN,
    _CARD_SIGN,
    _SECURITY_SIGN,
    _TELEPHONE_SIGN,
)
"""Of each kind of `_PERSONAL`, in its order."""
_NUMBERS = (_IBAN_SIGN, _CARD_SIGN)

_FIRST_LOOKS = 500_000
_LOOKS_PER_BYTE = 0.01
"""How much may be looked at in vain: some characters, and a hundredth of the file. An unconfirmed
candidate counts as fifty: looking closer costs as much as reading on."""
_CANDIDATE_LOOKS = 50
_CANDIDATES_IN_ONE_TEXT = 200


class SuspectSearch:
    """Looks for suspects through one file; what only looks like one is not looked at for ever."""

    def __init__(self) -> None:
        self._read_bytes = 0
        self._in_vain = [0.0] * len(_PERSONAL)
        self._left: list[int] = []

    def read(self, size_bytes: int) -> None:
        """Note that so much of the file has gone by."""
        self._read_bytes += size_bytes

    def may_hold(self, text: bytes) -> bool:
        """Return quickly whether UTF-8 text can hold a suspect at all; `suspects` looks closer."""
        if _SECRET_SIGN(text):
            return True
        # The slowest look, for account numbers, comes after those that may end the search.
        signs = [sign for at, sign in reversed([*enumerate(_SIGNS)]) if at not in self._left]
        if not _NUMBER_SIGN(text):
            signs = [sign for sign in signs if sign not in _NUMBERS]
        return any(sign(text) for sign in signs)

    def suspects(self, value: object) -> Iterator[Finding]:
        """Yield what looks like a secret or like personal data in any string of a JSON value.

        The excerpt shows the first characters only: a report must not spread what it warns of.
        """
        waiting = [("", value)]
        while waiting:
            path, item = waiting.pop()
            if isinstance(item, str):
                yield from self._in_text(item, path)
            elif isinstance(item, list):
                waiting.extend((f"{path}/{at}", each) for at, each in reversed([*enumerate(item)]))
            elif isinstance(item, dict):
                waiting.extend((path + pointer(key), item[key]) for key in reversed(item))

    def _in_text(self, text: str, path: str) -> Iterator[Finding]:
        plain = text.encode(errors="replace")
        if _SECRET_SIGN(plain):
            for kind in _SECRETS:
                found = kind.pattern.search(text)
                if found is not None:
                    yield _told(kind, path, found.group())
        for at, kind in enumerate(_PERSONAL):
            if at not in self._left and _SIGNS[at](plain):
                confirmed = self._confirmed(at, kind, text)
                if confirmed is not None:
                    yield _told(kind, path, confirmed)
                elif at in self._left:
                    yield Finding(Code.PII_SEARCH_ENDED, path, kind.name)

    def _confirmed(self, at: int, kind: _Kind, text: str) -> str | None:
        """Return the first that is one; what was looked at in vain is counted."""
        seen = 0
        for found in islice(kind.pattern.finditer(text), _CANDIDATES_IN_ONE_TEXT):
            if kind.confirms(found.group()):
                return found.group()
            seen += 1
        self._in_vain[at] += len(text) + seen * _CANDIDATE_LOOKS
        if self._in_vain[at] > _FIRST_LOOKS + _LOOKS_PER_BYTE * self._read_bytes:
            self._left.append(at)
        return None


def _told(kind: _Kind, path: str, found: str) -> Finding:
    return Finding(kind.code, path, kind.name, found[:_SHOWN_CHARACTERS] + "…")
