r"""Secrets and personal data that a file should not hold. Pure.

Finds what has a telling form: keys of well-known services, private keys, e-mail addresses,
telephone, card and account numbers. It does not find names, addresses, passwords in prose, or
anything behind `\uXXXX` escapes; it is a warning light, not a proof of absence.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

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
_ADDRESS_SIGN = _search(r"[A-Za-z0-9._%+-]@[A-Za-z0-9-]+\.[A-Za-z0-9-]")
_NUMBER_SIGN = _search(r"[0-9]{3}[ .)-]{0,2}[0-9]{2,4}[ .-]?[0-9]{2}")
_TELEPHONE_SIGN = _search(r"\+[0-9]{1,3}[ ().-]{0,2}[0-9]")


def looks_suspect(text: bytes) -> bool:
    """Return quickly whether UTF-8 text can hold a suspect at all; `suspects` looks closer.

    Several short searches are faster than one long one, and one for a single byte costs nothing.
    """
    return (
        _SECRET_SIGN(text)
        or _NUMBER_SIGN(text)
        or (b"@" in text and _ADDRESS_SIGN(text))
        or (b"+" in text and _TELEPHONE_SIGN(text))
    )


def suspects(value: object) -> Iterator[Finding]:
    """Yield what looks like a secret or like personal data in any string of a JSON value.

    The excerpt shows the first characters only: a report must not spread what it warns of.
    """
    waiting = [("", value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, str):
            yield from _in_text(item, path)
        elif isinstance(item, list):
            waiting.extend((f"{path}/{at}", each) for at, each in reversed([*enumerate(item)]))
        elif isinstance(item, dict):
            waiting.extend((path + pointer(key), item[key]) for key in reversed(item))


def _in_text(text: str, path: str) -> Iterator[Finding]:
    if not looks_suspect(text.encode(errors="replace")):
        return
    for kind in (*_SECRETS, *_PERSONAL):
        matches: Iterator[Any] = kind.pattern.finditer(text)
        found = next((m.group() for m in matches if kind.confirms(m.group())), None)
        if found is not None:
            shown = found[:_SHOWN_CHARACTERS] + "…"
            yield Finding(kind.code, path, kind.name, shown)
