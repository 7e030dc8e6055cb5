"""What looks like a secret or like a person, and what only has digits in it."""

import pytest

from brightrun.datasets.validation.secrets_and_pii import SuspectSearch

SECRETS = [
    ("AKIA" + "Q2W3E4R5T6Y7U8I9", "an AWS access key"),
    ("sk-" + "a1B2c3D4e5F6g7H8i9J0", "an API key (sk-…)"),
    ("ghp_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8", "a GitHub token"),
    ("glpat-" + "a1B2c3D4e5F6g7H8i9J0", "a GitLab token"),
    ("xoxb-" + "123456789012-abc", "a Slack token"),
    ("AIza" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H", "a Google API key"),
    ("hf_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5", "a Hugging Face token"),
    ("sk_" + "live_a1B2c3D4e5F6g7H8", "a Stripe key"),
    ("rpa_" + "A1B2C3D4E5F6G7H8I9J0A1B2C3D4E5", "a RunPod key"),
    ("-----BEGIN " + "OPENSSH PRIVATE KEY-----", "a private key"),
]
PERSONAL = [
    ("write to jane.doe+x@mail.acme.co.uk!", "an e-mail address"),
    ("DE89370400440532013000", "an account number (IBAN)"),
    ("GB29 NWBK 6016 1331 9268 19", "an account number (IBAN)"),
    ("4111-1111-1111-1111", "a card number"),
    ("4111 1111 1111 1111", "a card number"),
    ("4111111111111111", "a card number"),
    ("SSN 078-05-1120", "a social security number"),
    ("+41 44 668 18 00", "a telephone number"),
    ("(415) 555-0134", "a telephone number"),
]
HARMLESS = [
    "it costs 1,000,000.00 or 12.50 in 2024, at 10:30 on 2024-01-02",
    "mail ann@example.com, bob@shop.example.org or root@localhost",
    "order 4111 1111 1111 1112, and 0000 0000 0000 0000",
    "DE89 3704 0044 0532 0130 01",
    "version 1.2.3-4567, 3.14159265358979, build 20240102",
    "sk-learn, AKIA, hf_hub, eyJ and a+b=c",
    "1 2 3 4 5 6 7 8 9 10 11 12",
]


@pytest.mark.parametrize(("text", "name"), SECRETS + PERSONAL)
def test_what_has_a_telling_form_is_told_without_being_repeated(text: str, name: str) -> None:
    found = list(SuspectSearch().suspects({"a": ["", f"so: {text} ."]}))

    assert [(each.path, each.detail) for each in found] == [("/a/1", name)]
    assert len(found[0].excerpt) == 5
    assert SuspectSearch().may_hold(f'{{"a": "so: {text} ."}}'.encode())


@pytest.mark.parametrize("text", HARMLESS)
def test_other_numbers_and_addresses_for_examples_are_left_alone(text: str) -> None:
    assert list(SuspectSearch().suspects([text])) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4111 1111 1111 1112 ", "a card number"),
        ("DE89 3704 0044 0532 0130 01 ", "an account number (IBAN)"),
        ("a@example.com ", "an e-mail address"),
    ],
)
def test_what_only_looks_like_one_is_looked_at_for_so_long_and_no_longer(
    text: str, name: str
) -> None:
    search, row = SuspectSearch(), [text * 1000]
    told = [found for _ in range(200) for found in search.suspects(row)]

    assert {each.code for each in told} == {"pii_search_ended"}
    assert [each.detail for each in told].count(name) == 1
    assert not search.may_hold(row[0].encode())


def test_secrets_are_looked_for_to_the_end_whatever_the_file_is_full_of() -> None:
    search = SuspectSearch()
    for _ in range(200):
        list(search.suspects(["4111 1111 1111 1112 DE89 3704 0044 0532 0130 01 " * 500]))

    assert [each.detail for each in search.suspects([SECRETS[3][0]])] == ["a GitLab token"]


def test_what_is_one_is_told_however_often_it_comes() -> None:
    search = SuspectSearch()
    told = [each for _ in range(3000) for each in search.suspects(["4111-1111-1111-1111" * 50])]

    assert {each.code for each in told} <= {"pii_suspect"}
