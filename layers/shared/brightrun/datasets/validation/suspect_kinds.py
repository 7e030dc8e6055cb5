"""What a secret or personal data looks like, and what tells a real one from a likeness. Pure."""

import re
from collections.abc import Callable

import msgspec

from brightrun.datasets.problems import Code


class Kind(msgspec.Struct, frozen=True):
    """One kind of suspect.

    Attributes:
        confirms: looks closer at what the pattern found.
        sign: a pattern without look-around that matches in every text in which `pattern` does.
    """

    code: Code
    name: str
    pattern: re.Pattern[str]
    confirms: Callable[[str], bool]
    sign: str


def _always(_: str) -> bool:
    return True


_FOR_EXAMPLES = (".example", ".example.com", ".example.org", ".example.net")
_NOWHERE = (".test", ".invalid", ".localhost")


def is_real_address(address: str) -> bool:
    """Addresses reserved for examples harm nobody (RFC 2606)."""
    domain = "." + address.rpartition("@")[2].lower()
    return not domain.endswith(_FOR_EXAMPLES + _NOWHERE)


_BETWEEN = str.maketrans("", "", " -")
# What a digit counts for where it is doubled, as a byte.
_DOUBLED = bytes.maketrans(b"0123456789", bytes(sum(divmod(2 * digit, 10)) for digit in range(10)))
_ZERO = ord("0")


def passes_luhn(number: str) -> bool:
    """Whether the check digit is right. Source: ISO/IEC 7812-1, annex B."""
    plain = number.translate(_BETWEEN)
    # Digits of other scripts are digits to a pattern, too.
    digits = (plain if plain.isascii() else str(int(f"1{plain}"))[1:]).encode()
    single, doubled = digits[-1::-2], digits[-2::-2].translate(_DOUBLED)
    total = sum(single) - _ZERO * len(single) + sum(doubled)
    return total % 10 == 0 and digits.count(digits[:1]) < len(digits)


_AS_NUMBERS = {ord(letter): str(int(letter, 36)) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def passes_mod97(account: str) -> bool:
    """Whether the check digits are right. Source: ISO 13616-1."""
    plain = account.replace(" ", "")
    return int((plain[4:] + plain[:4]).translate(_AS_NUMBERS)) % 97 == 1


def _secret(name: str, pattern: str, sign: str) -> Kind:
    return Kind(Code.SECRET_SUSPECT, name, re.compile(pattern), _always, sign)


def _personal(
    name: str, pattern: str, sign: str, confirms: Callable[[str], bool] = _always
) -> Kind:
    return Kind(Code.PII_SUSPECT, name, re.compile(pattern), confirms, sign)


SECRETS = (
    _secret(
        "an AWS access key",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        "AKIA[A-Z0-9]{16}|ASIA[A-Z0-9]{16}",
    ),
    _secret("an API key (sk-…)", r"\bsk-[A-Za-z0-9_-]{20,}", "sk-[A-Za-z0-9_-]{20}"),
    _secret(
        "a GitHub token",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})",
        "gh[pousr]_[A-Za-z0-9]{36}|github_pat_",
    ),
    _secret("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20}", "glpat-"),
    _secret("a Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}", "xox[abprs]-"),
    _secret("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}", "AIza"),
    _secret("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}", "hf_[A-Za-z0-9]{30}"),
    _secret("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{16,}", "[rs]k_live_"),
    _secret("a RunPod key", r"\brpa_[A-Z0-9]{30,}", "rpa_[A-Z0-9]{30}"),
    _secret("a private key", r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----", "-----BEGIN"),
    _secret(
        "a signed token (JWT)",
        r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}",
        "eyJ[A-Za-z0-9_-]{10}",
    ),
)
ADDRESS = _personal(
    "an e-mail address",
    r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}",
    r"[A-Za-z0-9._%+-]@[A-Za-z0-9-]+\.[A-Za-z0-9-]",
    is_real_address,
)
ACCOUNT = _personal(
    "an account number (IBAN)",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
    "[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2}",
    passes_mod97,
)
CARD = _personal(
    "a card number",
    r"(?<![\d.])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}\b",
    "[0-9]{4}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]",
    passes_luhn,
)
SECURITY_NUMBER = _personal(
    "a social security number",
    r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])",
    "[0-9]{3}-[0-9]{2}-[0-9]{4}",
)
TELEPHONE = _personal(
    "a telephone number",
    r"(?<![\d+])(?:\+\d{1,3}(?:[ ().-]{0,2}\d){7,12}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\d)",
    r"\+[0-9]{1,3}(?:[ ().-]{0,2}[0-9]){7}|[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}",
)
PERSONAL = (ADDRESS, ACCOUNT, CARD, SECURITY_NUMBER, TELEPHONE)
