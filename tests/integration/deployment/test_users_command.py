"""`brightrun users add`: on a user pool, repeated, by mail and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brightrun.deployment.aws import DeploySession
from brightrun.deployment.main import main
from tests.support.deployment.aws_account import FakeAccount, FakePool

YOU = "you@example.org"
Add = Callable[..., int]


@pytest.fixture
def pool() -> FakePool:
    return FakePool()


@pytest.fixture
def account(pool: FakePool) -> FakeAccount:
    outputs = {"UserPoolId": "pool"}
    return FakeAccount({"brightrun-dev": outputs}, clients={"cognito-idp": pool})


@pytest.fixture
def add(tmp_path: Path, account: FakeAccount) -> Add:
    samconfig = tmp_path / "samconfig.toml"
    samconfig.write_text('[dev.global.parameters]\nregion = "eu-central-1"\n')

    def run(email: str, *more: str) -> int:
        session = DeploySession({}, tmp_path / "config.toml", connect_aws=account.connect)
        return main(["users", "add", email, "--samconfig", str(samconfig), *more], session)

    return run


def test_a_person_is_let_in_and_told_by_mail(
    pool: FakePool, account: FakeAccount, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(YOU) == 0
    user = pool.users[YOU]
    assert (user["status"], user["mails"], user["groups"]) == ("FORCE_CHANGE_PASSWORD", 1, [])
    assert user["attributes"] == {"email": YOU, "email_verified": "true"}
    assert set(account.regions) == {"eu-central-1"}
    assert capsys.readouterr().out == ""


def test_an_administrator_gets_the_group_and_a_printed_password(
    pool: FakePool, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(YOU, "--admin", "--print-password") == 0
    printed = capsys.readouterr().out.strip()
    user = pool.users[YOU]
    assert (user["password"], user["groups"], user["mails"]) == (printed, ["admin"], 0)
    assert len(printed) >= 12
    assert {"a", "A", "1"} <= set(printed)


@pytest.mark.parametrize("how", [["--print-password"], []])
def test_doing_it_again_gives_a_new_first_password(
    pool: FakePool, add: Add, how: list[str]
) -> None:
    add(YOU, *how)
    first: dict[str, Any] = dict(pool.users[YOU])
    assert add(YOU, *how) == 0

    user = pool.users[YOU]
    assert user["status"] == "FORCE_CHANGE_PASSWORD"
    assert (user["mails"], user["password"]) != (first["mails"], first["password"])


def test_whoever_has_a_password_of_their_own_keeps_it(
    pool: FakePool, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add(YOU)
    own = {"Password": "Own-1"}  # pragma: allowlist secret
    pool.admin_set_user_password(Username=YOU, Permanent=True, **own)
    assert add(YOU, "--admin", "--print-password") == 0

    told = capsys.readouterr()
    assert (told.out, "nothing was sent" in told.err) == ("", True)
    assert (pool.users[YOU]["password"], pool.users[YOU]["groups"]) == ("Own-1", ["admin"])


@pytest.mark.parametrize("email", ["you", "you@here", "a b@c.d"])
def test_what_is_no_address_is_refused(
    pool: FakePool, add: Add, email: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(email) == 2
    assert "is no e-mail address" in capsys.readouterr().err
    assert not pool.users


def test_a_stage_that_is_not_there_is_named(add: Add, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(YOU, "--stage", "prod") == 2
    assert "the stack brightrun-prod cannot be read" in capsys.readouterr().err


def test_the_outputs_of_a_stage_can_be_asked_for_one_by_one(
    account: FakeAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = DeploySession({}, tmp_path / "config.toml", connect_aws=account.connect)
    one = main(["outputs", "UserPoolId", "--samconfig", str(tmp_path / "none")], session)
    other = main(["outputs", "Nothing", "--samconfig", str(tmp_path / "none")], session)

    assert (one, other) == (0, 2)
    told = capsys.readouterr()
    assert (told.out, "has no output Nothing" in told.err) == ("pool\n", True)
