"""`brightrun login`: a person's tokens in a file for their eyes alone, renewed when they end."""

import stat
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.main import main
from brightrun.cli.session import Connection, Session, profiles, save_profile
from tests.support.deployment.srp_pool import SrpPool, challenge, refusal, tokens
from tests.support.factories import NOON

PASSWORD = "Temporary-1"  # pragma: allowlist secret
API = "https://api.test"


@dataclass
class Person:
    """Somebody at a terminal, a stage that says where its pool is, and that pool."""

    config: Path
    pool: SrpPool = field(default_factory=lambda: SrpPool(PASSWORD))
    secrets: list[str] = field(default_factory=lambda: [PASSWORD])
    words: list[str] = field(default_factory=list)
    hours: int = 0
    shown: list[str | None] = field(default_factory=list)

    def session(self) -> Session:
        secrets, words = iter(self.secrets), iter(self.words)
        return Session(
            {},
            self.config,
            transport=httpx.MockTransport(self.answer),
            sleep=lambda _: None,
            now=lambda: NOON + timedelta(hours=self.hours),
            ask=lambda _: next(words),
            ask_secret=lambda _: next(secrets),
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "api.test":
            return self.pool.handle(request)
        self.shown.append(request.headers.get("authorization"))
        told = {
            "stage": "dev",
            "region": "eu-central-1",
            "user_pool_id": self.pool.pool_id,
            "user_pool_client_id": "client",
            "cognito_endpoint": "https://pool.test",
        }
        return httpx.Response(200, json={"success": True, "data": told})

    def login(self, *more: str) -> int:
        return main(["login", "--api", API, "--email", "you@example.org", *more], self.session())


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path / "config.toml")


def test_tokens_stand_in_a_file_that_only_their_owner_reads(person: Person) -> None:
    assert person.login() == 0
    assert stat.S_IMODE(person.config.stat().st_mode) == 0o600
    assert person.session().connection() == Connection(API, "id-first")


def test_a_first_password_and_a_code_are_asked_for(person: Person) -> None:
    person.pool.next = challenge("NEW_PASSWORD_REQUIRED")
    person.pool.codes = {"Own-1": challenge("SOFTWARE_TOKEN_MFA"), "123456": tokens("whole")}
    person.secrets, person.words = [PASSWORD, "Own-1", "Own-1"], ["999999", " 123456 "]

    assert person.login() == 0
    assert person.session().connection().api_key == "id-whole"


def test_two_different_passwords_are_none(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    person.pool.next = challenge("NEW_PASSWORD_REQUIRED")
    person.secrets = [PASSWORD, "Own-1", "Own-2"]

    assert person.login() == 2
    assert "differ" in capsys.readouterr().err
    assert not person.config.exists()


def test_a_code_is_asked_for_three_times_at_the_most(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    person.pool.next = challenge("SOFTWARE_TOKEN_MFA")
    person.words = ["1", "2", "3", "4"]

    assert person.login() == 3
    assert "CodeMismatchException" in capsys.readouterr().err


def test_a_wrong_password_leaves_no_profile(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    person.secrets = ["another"]

    assert person.login() == 3
    assert "NotAuthorizedException" in capsys.readouterr().err
    assert not person.config.exists()


def test_what_has_ended_is_renewed_and_kept(person: Person) -> None:
    person.login()
    person.hours = 2
    renewed = person.session().connection()
    asked = len(person.pool.bodies)
    again = person.session().connection()

    assert renewed.api_key == again.api_key == "id-second"
    assert len(person.pool.bodies) == asked
    assert stat.S_IMODE(person.config.stat().st_mode) == 0o600


def test_a_token_that_ends_in_mid_command_is_renewed_in_mid_command(person: Person) -> None:
    """A job is watched for hours; a token lives for one."""
    person.login()
    person.shown.clear()
    with person.session().connect() as api:
        api.stage.sign_in()
        person.hours = 2
        api.stage.sign_in()

    assert [said for said in person.shown if said] == ["Bearer id-first", "Bearer id-second"]


def test_what_cannot_be_renewed_asks_for_a_new_sign_in(person: Person) -> None:
    person.login()
    person.hours = 24 * 31
    person.pool.instead = lambda _: refusal("NotAuthorizedException", "Refresh Token has expired")

    with pytest.raises(WrongCommand, match=r"expired.*brightrun login"):
        person.session().connection()


def test_a_key_of_the_environment_goes_before_a_sign_in(person: Person) -> None:
    person.login()
    session = person.session()
    keyed = Session({"BRIGHTRUN_API_KEY": "brk_x"}, session.config, transport=session.transport)

    assert keyed.connection() == Connection(API, "brk_x")


def test_a_sign_in_is_never_sent_to_another_address(person: Person) -> None:
    person.login()
    elsewhere = Session({"BRIGHTRUN_API_URL": "https://elsewhere.test"}, person.config)

    with pytest.raises(WrongCommand, match="no key for"):
        elsewhere.connection()


def test_logging_out_leaves_the_other_profiles(person: Person) -> None:
    person.login()
    save_profile(person.config, "prod", Connection("https://prod.test", "k"))

    assert main(["logout"], person.session()) == 0
    assert set(profiles(person.config)) == {"prod"}
    assert person.pool.revoked == ["refresh-first"]


def test_logging_out_works_while_the_pool_is_away(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    person.login()
    person.pool.instead = lambda _: httpx.Response(503)

    assert main(["logout"], person.session()) == 0
    assert profiles(person.config) == {}
    assert "could not be told" in capsys.readouterr().err
