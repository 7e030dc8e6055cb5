"""The API and the storage in this process, as an HTTP client reaches them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from brightrun.cli.session import Session
from brightrun.client import BrightRun
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.validate_dataset import app as validate_dataset
from tests.support.api.http_calls import ADA_CALLS, Answer, Call, an_event, answered
from tests.support.factories import NOON

URL = "https://api.test"
ENVIRON = {"BRIGHTRUN_API_URL": URL, "BRIGHTRUN_API_KEY": "key"}


@dataclass
class Storage:
    """S3 behind presigned addresses; `refuse` may answer in its place, `cut` end a body early."""

    deps: Deps
    received: list[str] = field(default_factory=list)
    refuse: Callable[[int], int | None] = lambda _: None
    cut: Callable[[int], int | None] = lambda _: None

    def handle(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        address = urlsplit(str(request.url))
        key = unquote(address.path).removeprefix(f"/{self.deps.store.bucket}").lstrip("/")
        if (status := self.refuse(len(self.received))) is not None:
            self.received.append("refused")
            return httpx.Response(status)
        if request.method == "GET":
            return self._get(key, request.headers.get("range"))
        body = request.read()
        assert int(request.headers["content-length"]) == len(body)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        return self._put(key, query, body)

    def _put(self, key: str, query: dict[str, str], body: bytes) -> httpx.Response:
        client, bucket = self.deps.store.client, self.deps.store.bucket
        if "uploadId" in query:
            number = int(query["partNumber"])
            client.upload_part(
                Bucket=bucket, Key=key, UploadId=query["uploadId"], PartNumber=number, Body=body
            )
            self.received.append(f"part {number}")
        else:
            client.put_object(Bucket=bucket, Key=key, Body=body)
            self.received.append("whole")
        return httpx.Response(200)

    def _get(self, key: str, span: str | None) -> httpx.Response:
        body = self.deps.store.client.get_object(Bucket=self.deps.store.bucket, Key=key)["Body"]
        content = body.read()
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
        self.received.append(f"{Path(key).name} from {start}")
        length = self.cut(len(self.received))
        if length is None:
            return httpx.Response(206 if span else 200, content=content[start:])
        return httpx.Response(206 if span else 200, stream=_Broken(content[start:][:length]))


class _Broken(httpx.SyncByteStream):
    """A body whose connection breaks after what there is of it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("the connection broke")


def calling(deps: Deps) -> Call:
    """Return a caller of the API as Ada."""

    def call(route: str, body: object = None, **how: Any) -> Answer:
        event = an_event(route, body, ADA_CALLS, None, how.get("headers"), how.get("query"))
        return answered(handle(event, None, deps))

    return call


def api_transport(api: Call) -> httpx.MockTransport:
    """Return the way to the real API in this process."""

    def ask(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        key = request.headers.get("idempotency-key")
        answer = api(
            f"{request.method} {request.url.path}",
            body,
            query=dict(request.url.params),
            headers={"idempotency-key": key} if key else None,
        )
        headers = {name: str(value) for name, value in answer.headers.items()}
        return httpx.Response(answer.status, text=answer.text, headers=headers)

    return httpx.MockTransport(ask)


def a_session(api: Call, deps: Deps, storage: Storage, folder: Path) -> Session:
    """Return a command line's session on the real API; while it sleeps, the validator runs."""

    def meanwhile(_: float) -> None:
        validate_dataset.handle({}, None, deps)

    return Session(
        ENVIRON,
        folder / "config.toml",
        transport=api_transport(api),
        storage_transport=httpx.MockTransport(storage.handle),
        sleep=meanwhile,
        now=lambda: NOON,
    )


def a_client(api: Call, deps: Deps, storage: Storage, folder: Path) -> BrightRun:
    """Return a client on the real API."""
    return a_session(api, deps, storage, folder).connect()
