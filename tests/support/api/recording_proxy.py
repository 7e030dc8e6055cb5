"""A wire between an unmodified client and a running stack: it remembers, and can lose an answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-encoding", "content-length", "host"}


@dataclass(frozen=True)
class Exchange:
    """One request and what it was answered."""

    method: str
    path: str
    status: int
    media_type: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Wire:
    """Everything that passed; `lose` names requests whose next answer is dropped."""

    url: str = ""
    passed: list[Exchange] = field(default_factory=list)
    lose: set[tuple[str, str]] = field(default_factory=set)
    lost: list[Exchange] = field(default_factory=list)


@contextmanager
def recording(target: str) -> Iterator[Wire]:
    """Serve a wire to `target` on a port of its own, until the block ends."""
    wire = Wire()
    with httpx.Client(base_url=target, timeout=600, follow_redirects=False) as client:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(wire, client))
        server.daemon_threads = True
        wire.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(wire: Wire, client: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            exchange = _forwarded(self, client)
            named = (exchange.method, exchange.path)
            if named in wire.lose:
                wire.lose.discard(named)
                wire.lost.append(exchange)
                self.close_connection = True
                return
            wire.passed.append(exchange)
            _answer(self, exchange)

        do_POST = do_DELETE = do_GET  # noqa: N815 - as above

    return Handler


def _answer(handler: BaseHTTPRequestHandler, exchange: Exchange) -> None:
    handler.send_response_only(exchange.status)
    for name, value in exchange.headers.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(exchange.body)))
    handler.end_headers()
    handler.wfile.write(exchange.body)


def _forwarded(handler: BaseHTTPRequestHandler, client: httpx.Client) -> Exchange:
    headers = {n: v for n, v in handler.headers.items() if n.lower() not in _HOP_BY_HOP}
    headers["accept-encoding"] = "identity"
    content = b"".join(_content(handler))
    answer = client.request(handler.command, handler.path, content=content, headers=headers)
    kept = {n: v for n, v in answer.headers.items() if n.lower() not in _HOP_BY_HOP}
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    path, status = handler.path.partition("?")[0], answer.status_code
    return Exchange(handler.command, path, status, media_type, answer.content, kept)


def _content(handler: BaseHTTPRequestHandler) -> Iterator[bytes]:
    """Yield a request's body: of the length it names, or in chunks that each name their own."""
    if handler.headers.get("transfer-encoding") != "chunked":
        yield handler.rfile.read(int(handler.headers.get("content-length") or 0))
        return
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        yield handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
