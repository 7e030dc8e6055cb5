"""What a pattern found is looked at closely, and the quick look misses nothing of it."""

import json
import re
from collections.abc import Callable, Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import given

from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.validation.secrets_and_pii import SuspectSearch
from brightrun.datasets.validation.suspect_kinds import (
    PERSONAL,
    SECRETS,
    is_real_address,
    passes_luhn,
    passes_mod97,
)

PIECES = [
    *'0123456789 -.+()@_aAZ"\\\n\t٤ß',
    "000",
    "4111 1111 1111 111",
    "4111-1111-1111-111",
    "411111111111111",
    "DE8937040044053201300",
    "DE89 3704 0044 0532 0130 0",
    "GB29NWBK",
    "078-05-112",
    "(415) 555-013",
    "+41 44 668 18 0",
    "jo@mail.",
    "example.com",
    "hf_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e",
    "AKIA" + "Q2W3E4R5T6Y7U8I",
    "glpat-" + "a1B2c3D4e5F6g7H8i9J",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def luhn_by_hand(number: str) -> bool:
    digits = [int(c) for c in number if c.isdecimal()]
    total = 0
    for place, digit in enumerate(reversed(digits)):
        twice = 2 * digit if place % 2 else digit
        total += twice - 9 if twice > 9 else twice
    return len(set(digits)) > 1 and total % 10 == 0


def mod97_by_hand(account: str) -> bool:
    rest = 0
    plain = account.replace(" ", "")
    for c in plain[4:] + plain[:4]:
        value = int(c, 36)
        rest = (rest * (100 if value > 9 else 10) + value) % 97
    return rest == 1


BY_HAND: dict[str, Callable[[str], bool]] = {
    "an e-mail address": lambda address: (
        not re.search(r"[@.](example(\.(com|org|net))?|test|invalid|localhost)$", address.lower())
    ),
    "an account number (IBAN)": mod97_by_hand,
    "a card number": luhn_by_hand,
}


def by_hand(row: dict[str, str]) -> Iterator[Finding]:
    """Every pattern over every text, and no quick look before it."""
    for key, text in row.items():
        for kind in (*SECRETS, *PERSONAL):
            confirms = BY_HAND.get(kind.name)
            found = [
                each for each in kind.pattern.findall(text) if confirms is None or confirms(each)
            ]
            if found:
                yield Finding(kind.code, f"/{key}", kind.name, found[0][:4] + "…")


@given(texts=st.lists(TEXTS, min_size=1, max_size=3))
def test_the_quick_look_finds_what_the_slow_reading_finds(texts: list[str]) -> None:
    row = {f"k{at}": text for at, text in enumerate(texts)}
    line = json.dumps(row, ensure_ascii=False).encode()
    expected = list(by_hand(row))

    assert list(SuspectSearch().suspects(row)) == expected
    assert list(SuspectSearch().in_row(line)) == expected
    assert SuspectSearch().may_hold(b"word " * 1000 + line) or not expected


@given(number=st.from_regex(r"[0-9٤]{4}([ -]?\d{4}){2}[ -]?\d{1,7}", fullmatch=True))
def test_the_check_digit_of_a_card_is_reckoned_as_by_hand(number: str) -> None:
    assert passes_luhn(number) == luhn_by_hand(number)


@given(
    account=st.from_regex(r"[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?", fullmatch=True)
)
def test_the_check_digits_of_an_account_are_reckoned_as_by_hand(account: str) -> None:
    assert passes_mod97(account) == mod97_by_hand(account)


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "5500-0000-0000-0004", "371449635398431"]
)
def test_numbers_that_issuers_give_out_for_trying_pass(number: str) -> None:
    assert passes_luhn(number)
    assert not passes_luhn(number[:-1] + str((int(number[-1]) + 1) % 10))


def test_one_digit_over_and_over_is_no_card() -> None:
    assert not passes_luhn("0000 0000 0000 0000")


@pytest.mark.parametrize(
    ("address", "real"),
    [
        ("ann@example.com", False),
        ("ann@shop.example.org", False),
        ("root@mail.localhost", False),
        ("ann@myexample.com", True),
        ("ann@example.com.br", True),
    ],
)
def test_addresses_for_examples_are_nobodys(address: str, *, real: bool) -> None:
    assert is_real_address(address) is real


def test_what_only_an_escape_hides_is_found_once_the_line_shows_anything() -> None:
    """`in_row` takes no sign from the line for what its strings hold where escapes stand in it."""
    line = rb'{"a": "4111 1111 11\u0031\u0031 1111", "b": "jane@mail.acme.org"}'

    assert [each.detail for each in SuspectSearch().in_row(line)] == [
        "a card number",
        "an e-mail address",
    ]
    assert [each.code for each in SuspectSearch().in_row(line)] == [Code.PII_SUSPECT] * 2
