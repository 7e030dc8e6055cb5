"""One fixed port in front of the deployed HTTP API and the pages. Pure ASGI: no engine in it.

The engine serves an API under `/_aws/execute-api/{api_id}/{stage}/`; people, browsers and workers
want `/api`, `/v1` and `/worker` on one address, and every other path of it is a page.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local.pages import Answer, Pages

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The id that deploy.py pins for the stack's HTTP API, so that its address never changes.
API_ID = "brightrun"

CALLS_AT_ONCE = 6
"""Whoever comes seventh waits, first come, first served. Each call takes an authorizer and then the
API, and each of those that is new costs seconds of a processor: eight of them on two busy cores
took longer to begin than an authorizer may take, and the gateway answered with its bare 500."""


def rewritten(scope: Scope, prefix: str) -> Scope:
    """Return the same request, addressed to the API under `prefix`."""
    path = str(scope["path"])
    raw_path = scope.get("raw_path") or path.encode()
    return {**scope, "path": prefix + path, "raw_path": prefix.encode() + raw_path}


def page_for(scope: Scope, pages: Pages) -> Answer | None:
    """Return the page that answers a request; None where the API does."""
    return pages.answer(scope["path"]) if scope.get("method") in {"GET", "HEAD"} else None


async def send_page(page: Answer, scope: Scope, send: Send) -> None:
    """Send a page; of a HEAD its headers alone."""
    length = {"content-length": str(len(page.body))}
    headers = [(k.encode(), v.encode()) for k, v in {**page.headers, **length}.items()]
    await send({"type": "http.response.start", "status": page.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else page.body
    await send({"type": "http.response.body", "body": body})


def behind_one_port(
    engine: Application,
    *,
    front_port: int,
    pages: Pages,
    changed: Callable[[Scope], None],
) -> Application:
    """Return an application that serves the engine, and on `front_port` API and pages alone.

    Args:
        changed: told of every request that may have changed something, once it is answered.
    """
    prefix = f"/_aws/execute-api/{API_ID}/$default"
    places = asyncio.Semaphore(CALLS_AT_ONCE)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await engine(scope, receive, send)
            return
        if scope["server"][1] == front_port:
            if page := page_for(scope, pages):
                await send_page(page, scope, send)
                return
            async with places:
                await engine(rewritten(scope, prefix), receive, send)
            noted(scope)
            return
        if scope["path"].startswith("/_ministack/") and scope.get("method") != "GET":
            # One of them wipes everything, unsigned: any web page could ask a browser for it.
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"not through this port"})
            return
        await engine(scope, receive, send)
        noted(scope)

    def noted(scope: Scope) -> None:
        if scope.get("method") not in {"GET", "HEAD", "OPTIONS"}:
            changed(scope)

    return serve
