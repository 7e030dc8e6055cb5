"""Who may call what: identity by kind, administrators, and what a key's scopes open."""

import pytest

from brightrun.accounts.access import admit, owner_of, principal_of
from brightrun.accounts.record import Principal, PrincipalKind, Scope
from brightrun.errors import Forbidden, Unauthenticated

NOBODY = principal_of({})


def a_user(**words: str) -> Principal:
    return principal_of({"kind": "user", "user_id": "ada"} | words)


def a_worker() -> Principal:
    return principal_of({"kind": "worker", "user_id": "ada", "job_id": "j", "attempt": "2"})


def test_an_empty_context_is_nobody() -> None:
    assert NOBODY.kind is PrincipalKind.ANONYMOUS
    assert NOBODY.user_id is None


def test_the_authorizers_words_are_read_as_they_are_meant() -> None:
    key = a_user(admin="false", scopes="read keys", key_id="k")

    assert (key.is_admin, key.key_id, key.scopes) == (False, "k", (Scope.READ, Scope.KEYS))
    assert a_user(admin="true").is_admin
    assert (a_worker().job_id, a_worker().attempt) == ("j", 2)


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/config", "/worker/v1/hooks/x"])
def test_what_is_public_wants_nobody(path: str) -> None:
    admit(NOBODY, "GET", path)


def test_nobody_is_told_why_the_token_was_no_good() -> None:
    with pytest.raises(Unauthenticated, match="no token was sent"):
        admit(NOBODY, "GET", "/api/jobs")
    with pytest.raises(Unauthenticated, match="it has expired"):
        admit(principal_of({"reason": "it has expired"}), "GET", "/api/jobs")
    with pytest.raises(Unauthenticated):
        owner_of(NOBODY)


def test_a_worker_and_a_user_may_not_call_each_others_paths() -> None:
    admit(a_worker(), "POST", "/worker/v1/start")
    with pytest.raises(Forbidden, match="a user's token"):
        admit(a_worker(), "GET", "/api/jobs")
    with pytest.raises(Forbidden, match="a worker's token"):
        admit(a_user(), "POST", "/worker/v1/start")


def test_only_administrators_see_the_administrators_pages() -> None:
    admit(a_user(admin="true"), "GET", "/api/admin/users")
    with pytest.raises(Forbidden, match="administrators"):
        admit(a_user(), "GET", "/api/admin/users")


@pytest.mark.parametrize(
    ("scopes", "method", "path", "opens"),
    [
        ("read", "GET", "/api/jobs", True),
        ("read", "HEAD", "/api/jobs", True),
        ("read", "POST", "/api/jobs", False),
        ("write", "POST", "/api/jobs", True),
        ("write", "GET", "/api/jobs", False),
        ("read write", "POST", "/api/api-keys", False),
        ("keys", "DELETE", "/api/api-keys/1", True),
        ("read", "GET", "/api/api-keys", True),
        ("", "GET", "/api/jobs", False),
    ],
)
def test_a_key_opens_what_its_scopes_say(scopes: str, method: str, path: str, opens: bool) -> None:  # noqa: FBT001 - a table
    key = a_user(scopes=scopes)
    if opens:
        admit(key, method, path)
        return
    with pytest.raises(Forbidden, match="no scope"):
        admit(key, method, path)


def test_a_signed_in_person_has_no_scopes_to_be_held_to() -> None:
    admit(a_user(), "POST", "/api/api-keys")
    assert owner_of(a_user()) == "ada"
