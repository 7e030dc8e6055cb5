"""The real `openai` package, whose requests become events of API Gateway and are answered here."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx2
import openai

from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import EVENT, identity
from tests.support.factories import ADA

ADA_BY_KEY = identity(user_id=ADA, key_id="key-of-ada")
Answered = Callable[[httpx2.Request], httpx2.Response | None]


@dataclass
class Wire:
    """What passes between client and API: every request and answer, and what goes wrong on it."""

    deps: Deps
    caller: dict[str, str] = field(default_factory=lambda: ADA_BY_KEY)
    requests: list[httpx2.Request] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    lose_answers: int = 0

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request; a signed address is answered by the pretended store."""
        if request.url.host != "api.test":
            return self._stored(request)
        self.requests.append(request)
        answer = handle(event_of(request, self.caller), None, self.deps)
        self.answers.append(answer)
        if self.lose_answers > 0:
            self.lose_answers -= 1
            raise httpx2.ReadTimeout("lost on the way", request=request)
        return httpx2.Response(answer["statusCode"], headers=answer["headers"], text=answer["body"])

    def _stored(self, request: httpx2.Request) -> httpx2.Response:
        assert "authorization" not in request.headers
        store = self.deps.store
        key = request.url.path.removeprefix(f"/{store.bucket}").lstrip("/")
        found = store.client.get_object(Bucket=store.bucket, Key=key)
        return httpx2.Response(200, content=found["Body"].read())


def event_of(request: httpx2.Request, caller: dict[str, str]) -> dict[str, Any]:
    """Return the event that API Gateway makes of a request: forms come as Base64."""
    path, media_type = unquote(request.url.path), request.headers.get("content-type", "")
    body = request.read()
    is_form = media_type.startswith("multipart/")
    http = {**EVENT["requestContext"]["http"], "method": request.method, "path": path}
    return {
        **EVENT,
        "rawPath": path,
        "rawQueryString": request.url.query.decode(),
        "queryStringParameters": dict(request.url.params),
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "requestContext": {
            **EVENT["requestContext"],
            "http": http,
            "authorizer": {"lambda": caller},
        },
        "body": (base64.b64encode(body).decode() if is_form else body.decode()) or None,
        "isBase64Encoded": is_form,
    }


def a_client(wire: Wire, *, retries: int = 2) -> openai.OpenAI:
    """Return an unmodified client that believes it speaks over the network."""
    transport = httpx2.MockTransport(wire.handle)
    return openai.OpenAI(
        api_key="brk_key-of-ada",
        base_url="https://api.test/v1",
        http_client=httpx2.Client(transport=transport, follow_redirects=True),
        max_retries=retries,
    )
