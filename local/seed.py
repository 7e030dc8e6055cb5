"""What a new local stack is given: the provider's key, an owner who may sign in, tokenizers."""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from brightrun.client.sign_in import Challenge, PoolApi, sign_in
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.s3_keys import base_model_prefix
from local.deploy import Aws
from local.processes.children import NotReady, eventually
from local.settings import ADMIN_EMAIL, LocalSettings

_NO_POOL_KEYS = "identity provider unavailable"
_POOL_KEYS_SECONDS = 120.0


@dataclass(frozen=True)
class Credentials:
    """Made once for this machine, kept readable for its owner alone."""

    runpod_key: str
    password: str
    api_key: str | None = None


def credentials_file(settings: LocalSettings) -> Path:
    """Return where they are kept."""
    return settings.home / "credentials.json"


def read_credentials(settings: LocalSettings) -> Credentials:
    """Return this machine's credentials, made now if there are none."""
    path = credentials_file(settings)
    if path.is_file():
        return Credentials(**json.loads(path.read_text()))
    made = Credentials(secrets.token_hex(24), f"Aa1-{secrets.token_urlsafe(18)}")
    write_credentials(settings, made)
    return made


def write_credentials(settings: LocalSettings, credentials: Credentials) -> None:
    """Keep credentials, and the provider's key in a file of its own for the stand-in."""
    settings.home.mkdir(parents=True, exist_ok=True)
    for path, text in (
        (credentials_file(settings), json.dumps(credentials.__dict__)),
        (runpod_key_file(settings), credentials.runpod_key),
    ):
        path.touch(mode=0o600)
        path.write_text(text)


def runpod_key_file(settings: LocalSettings) -> Path:
    """Return the file that holds the stand-in's API key."""
    return settings.home / "runpod.key"


def put_provider_key(aws: Aws, outputs: dict[str, str], credentials: Credentials) -> None:
    """Store the provider's key where process_jobs reads it."""
    aws.client("secretsmanager").put_secret_value(
        SecretId=outputs["RunPodSecretArn"], SecretString=credentials.runpod_key
    )


def put_owner(aws: Aws, outputs: dict[str, str], credentials: Credentials) -> None:
    """Make the owner able to sign in, as an admin; repeating it changes nothing."""
    cognito = aws.client("cognito-idp")
    pool = outputs["UserPoolId"]
    known = cognito.list_users(UserPoolId=pool, Filter=f'email = "{ADMIN_EMAIL}"')["Users"]
    if not known:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=ADMIN_EMAIL,
            UserAttributes=[
                {"Name": "email", "Value": ADMIN_EMAIL},
                {"Name": "email_verified", "Value": "true"},
            ],
            MessageAction="SUPPRESS",
        )
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=ADMIN_EMAIL, Password=credentials.password, Permanent=True
    )
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=ADMIN_EMAIL, GroupName="admin")


def put_tokenizer(aws: Aws, outputs: dict[str, str], model_id: str, folder: Path) -> None:
    """Store a base model's tokenizer files, so that its tokens are counted and not estimated."""
    s3 = aws.client("s3")
    prefix = base_model_prefix(model_id, folder.name)
    for name in ENCODER_FILES:
        if (folder / name).is_file():
            s3.upload_file(str(folder / name), outputs["BucketName"], prefix + name)


def signed_in(aws: Aws, outputs: dict[str, str], email: str, password: str) -> str:
    """Return an access token of a user.

    Raises:
        NotReady: the pool asks for more than the password.
        SignInRefused, PoolUnreachable: see `sign_in`.
    """
    with httpx.Client(timeout=60) as http:
        pool = PoolApi(
            http=http,
            endpoint=aws.url,
            pool_id=outputs["UserPoolId"],
            client_id=outputs["UserPoolClientId"],
            now=lambda: datetime.now(UTC),
            sleep=time.sleep,
        )
        outcome = sign_in(pool, email, password)
    if isinstance(outcome, Challenge) or outcome.access_token is None:
        raise NotReady(f"{email} cannot sign in by a password alone")
    return outcome.access_token


def working_api_key(
    settings: LocalSettings, aws: Aws, outputs: dict[str, str], credentials: Credentials
) -> str:
    """Return an API key of the owner: the kept one if it still opens the door, else a new one.

    Made through the API itself, with a token of the user pool, as the owner would.

    Raises:
        NotReady: the deployed API does not answer as it should.
    """
    with httpx.Client(base_url=settings.front_url, timeout=60) as client:
        if credentials.api_key:
            client.headers["Authorization"] = f"Bearer {credentials.api_key}"
            if client.get("/api/datasets").is_success:
                return credentials.api_key
        token = signed_in(aws, outputs, ADMIN_EMAIL, credentials.password)
        client.headers["Authorization"] = f"Bearer {token}"
        answer = _new_key(client)
        if not answer.is_success:
            raise NotReady(f"the API gives no key: {answer.status_code} {answer.text[:2000]}")
        key: str = answer.json()["data"]["secret"]
        return key


def _new_key(client: httpx.Client) -> httpx.Response:
    """Ask for a key, again while the authorizer has not got the pool's own keys.

    It gives them two seconds, which a busy machine may not keep; nothing was made then.
    """
    answers: list[httpx.Response] = []

    def answered() -> bool:
        answers.append(client.post("/api/api-keys", json={"name": "local stack"}))
        return _NO_POOL_KEYS not in answers[-1].text

    eventually(answered, _POOL_KEYS_SECONDS)
    return answers[-1]
