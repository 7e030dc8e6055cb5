"""The front port: what is a file, what an address of the dashboard, what the API's."""

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from local.front import Receive, Scope, Send, behind_one_port
from local.pages import Pages

FRONT, AWS = 8700, 8701


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """A dashboard of an index and one script, with a secret beside it."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>")
    (dist / "assets" / "index-a1.js").write_text("go()")
    (tmp_path / "secret.txt").write_text("no")
    return Pages(dist, "http://127.0.0.1:8701")


def asked(pages: Pages, path: str, *, method: str = "GET", port: int = FRONT) -> dict[str, Any]:
    """What one request is answered; the engine answers with the path it was asked."""
    sent: list[MutableMapping[str, Any]] = []

    async def engine(scope: Scope, _: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def serve(scope: Scope) -> None:
        front = behind_one_port(engine, front_port=FRONT, pages=pages, changed=lambda _: None)
        await front(scope, receive, send)

    scope = {"type": "http", "method": method, "path": path, "server": ("127.0.0.1", port)}
    asyncio.run(serve(scope))
    start, body = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return {"status": start["status"], "headers": headers, "body": body["body"]}


@pytest.mark.parametrize("path", ["/", "/training/jobs/1", "/settings/api-keys", "/apiary"])
def test_an_address_of_the_dashboard_is_answered_by_its_index(pages: Pages, path: str) -> None:
    answer = asked(pages, path)

    assert (answer["status"], answer["body"]) == (200, b"<!doctype html>")
    assert answer["headers"]["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer["headers"]["content-security-policy"]


def test_an_asset_is_kept_for_ever_and_a_missing_one_is_no_page(pages: Pages) -> None:
    found, missing = asked(pages, "/assets/index-a1.js"), asked(pages, "/assets/index-b2.js")

    assert (found["body"], found["headers"]["content-type"]) == (
        b"go()",
        "text/javascript; charset=utf-8",
    )
    assert "immutable" in found["headers"]["cache-control"]
    assert missing["status"] == 404


@pytest.mark.parametrize("path", ["/api/jobs", "/worker/v1/x", "/v1/models", "/docs"])
def test_what_is_the_apis_goes_on_to_it(pages: Pages, path: str) -> None:
    answer = asked(pages, path)

    assert answer["status"] == 299
    assert answer["body"].endswith(path.encode())


def test_nothing_outside_the_build_is_served(pages: Pages) -> None:
    assert asked(pages, "/../secret.txt")["body"] == b"<!doctype html>"


def test_of_a_head_the_headers_alone_are_sent(pages: Pages) -> None:
    answer = asked(pages, "/", method="HEAD")

    assert (answer["status"], answer["body"]) == (200, b"")
    assert answer["headers"]["content-length"] == "15"


def test_the_aws_port_serves_no_pages(pages: Pages) -> None:
    assert asked(pages, "/", port=AWS)["status"] == 299


def test_without_a_build_the_api_answers_everything(tmp_path: Path) -> None:
    assert asked(Pages(tmp_path, ""), "/")["status"] == 299
