"""One file read and sent: in little memory, beside everything else, and to storage itself."""

import asyncio
import tracemalloc
from pathlib import Path

import httpx
import pytest

from tests.support.trainer.fake_parts import CUTTING, a_sparse_file
from tests.support.trainer.fake_platform import Wire
from trainer_image.worker.file_parts import FilePart, declare
from trainer_image.worker.signed_urls import Storage, UrlExpired


async def devour(request: httpx.Request) -> httpx.Response:
    assert isinstance(request.stream, httpx.AsyncByteStream)
    async for _ in request.stream:
        pass
    return httpx.Response(200)


def test_reading_and_sending_a_large_file_takes_a_few_blocks_of_memory(tmp_path: Path) -> None:
    path = a_sparse_file(tmp_path, 128 * 1024**2)

    async def read_and_send() -> None:
        await declare(path, CUTTING, kind="artifact", step=None)
        storage = Storage(Wire(devour))
        pieces = [FilePart(path, start * 2**25, 2**25) for start in range(4)]
        await asyncio.gather(*(storage.put(piece, "https://s.test/x", {}) for piece in pieces))
        await storage.close()

    tracemalloc.start()
    asyncio.run(read_and_send())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 24 * 1024**2


@pytest.mark.parametrize("what", ["read", "sent"])
def test_reports_go_on_while_a_file_is(what: str, tmp_path: Path) -> None:
    """Everything else gets its turn between two blocks of the file, not after its end."""
    size_bytes = 256 * 1024**2
    path = a_sparse_file(tmp_path, size_bytes)

    async def go() -> None:
        if what == "read":
            await declare(path, CUTTING, kind="artifact", step=None)
        else:
            storage = Storage(Wire(devour))
            await storage.put(FilePart(path, 0, size_bytes), "https://s.test/x", {})
            await storage.close()

    async def turns_beside() -> int:
        turns = 0
        going = asyncio.create_task(go())
        while not going.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(turns_beside()) > 16


@pytest.mark.parametrize("status", [400, 403])
def test_a_url_whose_session_is_over_is_asked_for_anew(tmp_path: Path, status: int) -> None:
    """S3 says 400 `ExpiredToken` of a session that is over, and 403 of a URL that is."""
    path = tmp_path / "state.safetensors"
    path.write_bytes(b"weights")

    async def put() -> None:
        storage = Storage(httpx.MockTransport(lambda _: httpx.Response(status)))
        try:
            await storage.put(FilePart(path, 0, 7), "https://s.test/x", {})
        finally:
            await storage.close()

    with pytest.raises(UrlExpired):
        asyncio.run(put())


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_redirect_is_not_taken_for_stored(tmp_path: Path, status: int) -> None:
    """The first day of a bucket, or a proxy in between: nothing was stored."""
    path = tmp_path / "state.safetensors"
    path.write_bytes(b"weights")
    elsewhere = {"Location": "https://bucket.s3.eu-central-1.amazonaws.com/x"}

    async def put() -> None:
        answers = httpx.MockTransport(lambda _: httpx.Response(status, headers=elsewhere))
        storage = Storage(answers)
        try:
            await storage.put(FilePart(path, 0, 7), "https://bucket.s3.amazonaws.com/x", {})
        finally:
            await storage.close()

    with pytest.raises(UrlExpired, match=r"wrong host \(bucket\.s3\.amazonaws\.com\)"):
        asyncio.run(put())
