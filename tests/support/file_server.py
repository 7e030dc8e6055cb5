"""A stranger's server on the public web: a worker other than ours leaves its files there."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from brightrun.ports.public_web import PublicWeb

HOST = "files.example"
HEADER = b'{"__metadata__":{}}'
ADAPTER = len(HEADER).to_bytes(8, "little") + HEADER
"""The smallest safetensors file: a header that names no tensor."""
CONFIG = json.dumps({"peft_type": "LORA", "r": 16}).encode()


@dataclass
class FileServer:
    """What lies there, how it is answered, and from which byte on it was asked for."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {
            "adapter_model.safetensors": ADAPTER,
            "adapter_config.json": CONFIG,
        }
    )
    answer: Callable[[httpx.Request, bytes], httpx.Response | None] = lambda _request, _body: None
    ranges: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"https://{HOST}/{name}?signature=hidden"

    def urls(self) -> dict[str, str]:
        return {name: self.url(name) for name in self.files}

    def web(self) -> PublicWeb:
        client = httpx.Client(transport=httpx.MockTransport(self.handle))
        return PublicWeb(client, lambda _: ["93.184.215.14"])

    def handle(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/")
        first = int(request.headers.get("range", "bytes=0-")[6:-1]) if self.ranges else 0
        self.asked.append((name, first))
        body = self.files.get(name)
        if body is None:
            return httpx.Response(404)
        instead = self.answer(request, body[first:])
        return instead or self.of(body[first:], first=first, whole=len(body))

    def of(
        self, content: bytes | Iterator[bytes], *, first: int = 0, whole: int | None = None
    ) -> httpx.Response:
        """Return bytes of a file from one on, as a server that can go on does."""
        headers = {"etag": '"v1"'}
        if whole is not None:
            headers["content-length"] = str(whole - first)
        if first:
            headers["content-range"] = f"bytes {first}-{(whole or 1) - 1}/{whole or '*'}"
        return httpx.Response(206 if first else 200, content=content, headers=headers)
