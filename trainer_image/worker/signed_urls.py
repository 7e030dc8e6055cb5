"""The storage behind signed URLs: one request each, and downloads that go on after a break.

A signed URL carries its own permission: the attempt's token never comes here.
"""

import asyncio
import hashlib
from http import HTTPStatus
from pathlib import Path

import httpx

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import Download
from trainer_image.ipc.failures import RunFailed
from trainer_image.worker.file_parts import BLOCK_BYTES, FilePart, blocks

TRANSFER_TIMEOUT = httpx.Timeout(120.0, connect=10.0)
_EXPIRED = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)


class UrlExpired(Exception):
    """Storage does not accept the signed URL (any more)."""


class Storage:
    """A client that knows nobody: no token, no proxy, no .netrc."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None) -> None:
        self._client = httpx.AsyncClient(
            timeout=TRANSFER_TIMEOUT, transport=transport, trust_env=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def put(self, piece: FilePart, url: str, headers: dict[str, str]) -> None:
        """Send one piece.

        Raises:
            UrlExpired: storage refuses the URL, or what came is not what it was signed for.
            httpx.TransportError: the connection broke, or storage is in trouble.
        """
        sized = {**headers, "Content-Length": str(piece.size_bytes)}
        response = await self._client.put(url, content=blocks(piece), headers=sized)
        _require_success(response)

    async def go_on(self, file: Download, arriving: "Arriving") -> None:
        """Fetch what is missing of a file, to its end or to the next break.

        Raises:
            UrlExpired: storage refuses the URL.
            httpx.TransportError: the connection broke, or storage is in trouble.
        """
        wanted = {"Range": f"bytes={arriving.size_bytes}-"} if arriving.size_bytes else {}
        async with self._client.stream("GET", file.url, headers=wanted) as response:
            _require_success(response)
            if response.status_code != HTTPStatus.PARTIAL_CONTENT:
                arriving.start_over()
            await _take_all(response, arriving, file.size_bytes)


class Arriving:
    """A file on its way to disk, with the SHA-256 of what has come."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def start_over(self) -> None:
        """Forget what has come."""
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def take(self, block: bytes | bytearray) -> None:
        """Write the next bytes."""
        self._file.write(block)
        self._digest.update(block)
        self.size_bytes += len(block)

    def close(self) -> None:
        self._file.close()

    def require(self, file: Download) -> None:
        """Return if what has come is the file.

        Raises:
            RunFailed: `DATASET_CHECKSUM`.
            OSError: its last bytes cannot be written.
        """
        self._file.flush()
        if (self.size_bytes, self._digest.hexdigest()) != (file.size_bytes, file.sha256):
            raise RunFailed(
                FailureCode.DATASET_CHECKSUM,
                f"{file.name} arrived with {self.size_bytes} of {file.size_bytes} bytes"
                " or another checksum",
            )


async def _take_all(response: httpx.Response, arriving: Arriving, size_bytes: int) -> None:
    """Write what comes in blocks, and at a break also what is not a block yet."""
    waiting = bytearray()
    try:
        async for some in response.aiter_raw():
            waiting += some
            if len(waiting) >= BLOCK_BYTES:
                block = bytes(waiting)
                waiting.clear()
                await asyncio.to_thread(arriving.take, block)
                if arriving.size_bytes > size_bytes:
                    return
    finally:
        arriving.take(waiting)


def _require_success(response: httpx.Response) -> None:
    if response.status_code in _EXPIRED:
        raise UrlExpired
    if response.is_redirect:
        # A redirect is no success: nothing was stored, and what it sends is not the file.
        raise UrlExpired(f"storage redirects: the URL names the wrong host ({response.url.host})")
    if not response.is_success:
        raise httpx.ReadError(f"storage answered {response.status_code}")
