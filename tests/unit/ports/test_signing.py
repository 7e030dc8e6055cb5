"""A URL promises no more than the session that signed it can keep."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import httpx

from brightrun.ports.s3.multipart import sign_part
from brightrun.ports.s3.objects import Store, sign_download, sign_upload, url_life_seconds
from brightrun.ports.s3.signing import RoleSessions, SigningSession
from brightrun.runtime import STORAGE
from tests.support.factories import NOON

ROLE = "arn:aws:iam::123456789012:role/signing"


def client(key: str = "own") -> Any:
    session = boto3.Session(key, "secret", region_name="eu-central-1")
    return session.client("s3", config=STORAGE)


def ending(at: datetime) -> Store:
    return Store(client(), "b", lambda: SigningSession(client("role"), at), now=lambda: NOON)


def lives(url: str) -> int:
    return int(httpx.URL(url).params["X-Amz-Expires"])


def test_a_url_ends_with_its_session() -> None:
    store = ending(NOON + timedelta(minutes=20))

    assert url_life_seconds(store) == 1200
    assert lives(sign_download(store, "k")) == 1200
    assert lives(sign_upload(store, "k", size_bytes=1).url) == 1200
    assert lives(sign_part(store, "k", "u", number=1, size_bytes=1).url) == 1200
    assert "Credential=role" in sign_download(store, "k").replace("%2F", "/")


def test_a_url_never_lives_more_than_an_hour() -> None:
    assert url_life_seconds(ending(NOON + timedelta(hours=6))) == 3600


def test_keys_that_do_not_end_sign_for_an_hour() -> None:
    assert url_life_seconds(Store(client(), "b")) == 3600


class Sts:
    """Grants an hour from now on, under a new key each time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now, self.asked = now, 0

    def assume_role(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        granted = {"AccessKeyId": f"key-{self.asked}", "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": granted | {"Expiration": self.now() + timedelta(hours=1)}}


def test_a_session_signs_for_minutes_and_then_another_is_taken_on() -> None:
    times = [NOON]
    sts = Sts(lambda: times[0])
    sessions = RoleSessions(
        lambda: sts,
        ROLE,
        lambda granted: client(granted["AccessKeyId"]),
        lambda: times[0],
    )
    store = Store(client(), "b", sessions, now=lambda: times[0])
    lives_at = []
    for minutes in (0, 4, 6):
        times[0] = NOON + timedelta(minutes=minutes)
        lives_at.append(url_life_seconds(store))

    assert lives_at == [3600, 3360, 3600]
    assert sts.asked == 2
