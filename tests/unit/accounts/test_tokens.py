"""The shapes of our tokens: what is handed out can be read back, and nothing else can."""

import hashlib
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from brightrun.accounts.tokens import (
    WorkerClaim,
    api_key,
    digest,
    find_worker_claim,
    is_digest_of,
    worker_token,
)

SECRETS = st.text(
    alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    min_size=43,
    max_size=43,
)


@given(job=st.uuids(), attempt=st.integers(min_value=1, max_value=9999), secret=SECRETS)
def test_a_worker_token_says_which_attempt_it_is_for(job: UUID, attempt: int, secret: str) -> None:
    token = worker_token(str(job), attempt, secret)

    assert find_worker_claim(token) == WorkerClaim(str(job), attempt)


@given(st.text())
def test_other_text_claims_nothing(text: str) -> None:
    assert find_worker_claim(text) is None


def test_a_claim_is_the_whole_token_or_none() -> None:
    """A prefix that reads well must not carry a tail along into a key of the table."""
    token = worker_token("019aa0c0-0000-7000-8000-0000000000a1", 1, "s" * 43)

    assert find_worker_claim(token + "\n") is None
    assert find_worker_claim(" " + token) is None
    assert find_worker_claim(token.replace("_1_", "_01_")) is None
    assert find_worker_claim(token.replace("_1_", "_99999_")) is None


def test_what_is_stored_is_the_sha256_of_the_whole_token() -> None:
    token = api_key("s" * 43)

    assert token == "brk_" + "s" * 43
    assert digest("brk_abc") == hashlib.sha256(b"brk_abc").hexdigest()
    assert is_digest_of(digest(token), token)
    assert not is_digest_of(digest(token), token[:-1])
