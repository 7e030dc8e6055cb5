"""Files to and from presigned addresses: in pieces, after a break from where it stopped.

The storage never sees the API key: an address is its own permission.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx

from brightrun.client.errors import NoConnection, TransferFailed
from brightrun.client.repeating import ATTEMPTS, GATEWAY_FAILURES, Sleep, persistently

BLOCK_BYTES = 1 << 20
_FAILURES = GATEWAY_FAILURES | {HTTPStatus.INTERNAL_SERVER_ERROR}
"""S3 says of its 500 that the request should be made again.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""
_EXPIRED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
"""S3 answers 400 `ExpiredToken` when the session that signed is over, and 403 for an old URL."""

Progress = Callable[[int], None]
"""Is told how many bytes of the whole are there."""


class AddressExpired(Exception):
    """A presigned address is not valid any more; a fresh one helps."""


class _Failing(Exception):
    """The storage fails for the moment."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file."""

    path: Path
    start: int
    size_bytes: int

    def blocks(self) -> Iterator[bytes]:
        """Yield it a mebibyte at a time."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.size_bytes
            while left and (block := file.read(min(BLOCK_BYTES, left))):
                left -= len(block)
                yield block


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file has to be when it has come."""

    size_bytes: int
    sha256: str


class Storage:
    """A connection to wherever the addresses lead."""

    def __init__(self, transport: httpx.BaseTransport | None, sleep: Sleep) -> None:
        self._http = httpx.Client(timeout=60.0, transport=transport)
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def put(self, url: str, headers: dict[str, str], piece: Piece) -> None:
        """Send a piece of a file to an address.

        Raises:
            AddressExpired: a fresh address is needed.
            NoConnection: there was no answer.
            TransferFailed: the storage refused.
        """
        sized = {**headers, "Content-Length": str(piece.size_bytes)}
        answer = persistently(
            lambda: self._http.put(url, headers=sized, content=piece.blocks()),
            safe=True,
            sleep=self._sleep,
            failures=_FAILURES,
        )
        try:
            _require_success(answer)
        except _Failing as failing:
            raise TransferFailed(f"given up after {ATTEMPTS} attempts: {failing}") from failing

    def fetch(
        self, address: Callable[[], str], target: Path, expected: Expected, progress: Progress
    ) -> None:
        """Bring a file to `target`, which is there afterwards whole and checked, or not at all.

        What came before a break lies in `target.part` and is gone on with, also by another call.

        Args:
            address: signs anew; asked again where the last address has expired.

        Raises:
            NoConnection: five attempts in a row brought nothing more.
            TransferFailed: the storage refused, or sent something else than was declared.
        """
        part = target.with_name(target.name + ".part")
        if part.exists() and part.stat().st_size > expected.size_bytes:
            part.unlink()
        part.touch()
        failed, url = 0, address()
        while (arrived := part.stat().st_size) < expected.size_bytes:
            if failed == ATTEMPTS:
                raise NoConnection(f"{target.name}: given up after {ATTEMPTS} attempts")
            try:
                self._append(url, part, arrived, expected.size_bytes, progress)
            except AddressExpired:
                url = address()
            except (httpx.TransportError, _Failing):
                self._sleep(2.0**failed)
            failed = 0 if part.stat().st_size > arrived else failed + 1
        if digest_of(part) != expected.sha256 or part.stat().st_size != expected.size_bytes:
            part.unlink()
            raise TransferFailed(f"{target.name} is not the file that was declared; try again")
        part.replace(target)

    def _append(
        self, url: str, part: Path, arrived: int, size_bytes: int, progress: Progress
    ) -> None:
        headers = {"Accept-Encoding": "identity"}
        if arrived:
            headers["Range"] = f"bytes={arrived}-"
        with self._http.stream("GET", url, headers=headers) as answer:
            _require_success(answer)
            goes_on = answer.status_code == HTTPStatus.PARTIAL_CONTENT
            done_bytes = arrived if goes_on else 0
            with part.open("ab" if goes_on else "wb") as file:
                for block in answer.iter_bytes():
                    file.write(block)
                    done_bytes += len(block)
                    progress(done_bytes)
                    if done_bytes > size_bytes:
                        break


def _require_success(answer: httpx.Response) -> None:
    if answer.status_code in _EXPIRED:
        raise AddressExpired
    if answer.is_redirect:
        host = answer.request.url.host
        raise TransferFailed(f"the storage redirects: the URL names the wrong host ({host})")
    if answer.status_code in _FAILURES:
        raise _Failing(f"status {answer.status_code}")
    if not answer.is_success:
        raise TransferFailed(f"the storage answered {answer.status_code}")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
