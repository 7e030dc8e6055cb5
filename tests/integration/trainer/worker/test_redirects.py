"""A redirect is no success: what it sends is not the file, and nothing of a call has happened."""

import asyncio
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from brightrun.training.protocol import Download, StartRequest
from tests.support.trainer.fake_platform import ORDER
from trainer_image.worker.api_client import ApiRefused, WorkerApi
from trainer_image.worker.signed_urls import Arriving, Storage, UrlExpired

ELSEWHERE = httpx.MockTransport(
    lambda _: httpx.Response(
        307, headers={"Location": "https://elsewhere.test"}, content=b"<Code>Redirect</Code>"
    )
)


def test_a_redirect_is_not_taken_for_the_dataset(tmp_path: Path) -> None:
    """Else its few bytes of XML would be called a damaged dataset."""
    wanted = Download(name="data", size_bytes=5000, sha256="0" * 64, url="https://s3.test/data")

    async def fetch(arriving: Arriving) -> None:
        storage = Storage(ELSEWHERE)
        try:
            await storage.go_on(wanted, arriving)
        finally:
            await storage.close()

    with closing(Arriving(tmp_path / "data")) as arriving:
        with pytest.raises(UrlExpired, match="wrong host"):
            asyncio.run(fetch(arriving))
        assert arriving.size_bytes == 0


def test_a_redirect_is_not_taken_for_the_apis_word() -> None:
    async def start() -> None:
        api = WorkerApi(ORDER, transport=ELSEWHERE, first_pause_seconds=0.001)
        try:
            await api.start(StartRequest(external_job_id="run-1", worker_id="worker-1"))
        finally:
            await api.close()

    with pytest.raises(ApiRefused, match="start was refused: 307"):
        asyncio.run(start())
