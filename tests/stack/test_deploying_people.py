"""The commands of whoever deploys, against the embedded AWS: people, second factors, the doctor."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from brightrun.cli.session import profiles
from brightrun.client import BrightRun
from brightrun.deployment.aws import DeploySession
from brightrun.deployment.main import main
from local import stack
from local.deploy import Aws
from local.seed import signed_in
from local.settings import read_settings
from tests.support.deployment.authenticator import code
from tests.support.stack.ports import NO_WORKER, eventually, own_settings

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]
YOU, OWN = "you@example.org", "My-own-password-12"  # pragma: allowlist secret
HEARD_WITHIN_SECONDS = 300.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    settings = own_settings(tmp_path_factory.mktemp("local"))
    yield stack.up(settings, [], leashed=True, worker=NO_WORKER)
    stack.down(settings)


def session(running: stack.Stack, folder: Path, *typed: str) -> DeploySession:
    """A person's session before this stack; `typed` is what they enter, in that order."""
    aws, entered = Aws(running.settings.aws_url), iter(typed)
    return DeploySession(
        {},
        folder / "config.toml",
        ask=lambda _: next(entered),
        ask_secret=lambda _: next(entered),
        connect_aws=lambda service, _: aws.client(service),
    )


def test_a_second_factor_is_asked_for_and_the_token_opens_the_api(
    running: stack.Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a user pool of another make than ours: password proven, first one changed, then a code."""
    api = running.settings.front_url
    stage = ["--stage", "local", "--samconfig", str(tmp_path / "none.toml")]
    added = main(["users", "add", YOU, "--print-password", *stage], session(running, tmp_path))
    first = capsys.readouterr().out.strip()
    login = ["login", "--api", api, "--email", YOU]
    assert (added, main(login, session(running, tmp_path, first, OWN, OWN))) == (0, 0)
    secret = _with_authenticator(running)
    fresh = tmp_path / "another-machine"
    fresh.mkdir()

    assert main(login, session(running, fresh, OWN, code(secret, time.time()))) == 0
    token = profiles(fresh / "config.toml")["default"].tokens
    assert token is not None
    with BrightRun(api, token.id_token) as opened:
        assert opened.stage.identity().email == YOU


def test_the_doctor_misses_the_tokenizers_of_a_local_stack_and_nothing_else(
    running: stack.Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schedules come each minute: until they have, the doctor says so."""
    asked = ["doctor", "--json", "--stage", "local", "--samconfig", str(tmp_path / "none.toml")]

    def bad() -> set[str]:
        capsys.readouterr()
        main(asked, session(running, tmp_path))
        lines = json.loads(capsys.readouterr().out)
        return {line["name"] for line in lines if line["state"] == "bad"}

    def heard() -> bool:
        return not any(name.startswith("schedule") for name in bad())

    eventually(heard, HEARD_WITHIN_SECONDS)
    assert {name.partition(" ")[0] for name in bad()} == {"tokenizer"}


def _with_authenticator(running: stack.Stack) -> str:
    """Give the user a second factor, as the dashboard does; return its secret."""
    aws = Aws(running.settings.aws_url)
    cognito, token = aws.client("cognito-idp"), signed_in(aws, running.outputs, YOU, OWN)
    secret: str = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=code(secret, time.time()))
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret
