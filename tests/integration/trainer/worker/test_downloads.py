"""What a run fetches: a download goes on where it broke, and only the declared file counts."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import Checkpoint, Download, StartRequest
from tests.support.trainer.fake_platform import ORDER, STORAGE, FakePlatform, Wire, a_spec
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import DATASET, RESUME
from trainer_image.worker.api_client import ApiUnreachable, WorkerApi
from trainer_image.worker.downloads import fetch_inputs
from trainer_image.worker.report_queue import ReportQueue
from trainer_image.worker.signed_urls import Arriving, Storage

STATE = b"s" * 1000
DATA = b"0123456789"


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(a_spec(), DATA, files={"checkpoint/state": STATE})


def a_checkpoint() -> Checkpoint:
    digest = hashlib.sha256(STATE).hexdigest()
    url = f"{STORAGE}/staging/checkpoint/state"
    return Checkpoint(
        step=7, files=(Download(name="state", size_bytes=len(STATE), sha256=digest, url=url),)
    )


def fetched(platform: FakePlatform, folder: Path) -> list[str]:
    """Start and fetch, and return what the log says of it."""

    async def fetch() -> list[str]:
        api = WorkerApi(ORDER, transport=platform.transport, first_pause_seconds=0.001)
        board = ReportQueue(clock=lambda: 0.0, now=lambda: platform.deadline)
        try:
            answer = await api.start(a_start())
            await fetch_inputs(api, answer, folder, board)
        finally:
            await api.close()
        return [line.message for line in board.next_report().lines]

    return asyncio.run(fetch())


def a_start() -> StartRequest:
    return StartRequest(external_job_id="runpod-1", worker_id="worker-1")


def test_a_download_goes_on_where_the_connection_broke(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.cut_downloads_after = [4, 3]
    fetched(platform, tmp_path)

    assert (tmp_path / DATASET).read_bytes() == DATA
    assert platform.ranges == ["", "bytes=4-", "bytes=7-"]


def test_a_long_download_may_break_often_as_long_as_something_comes(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.cut_downloads_after = [1] * 9
    fetched(platform, tmp_path)

    assert (tmp_path / DATASET).read_bytes() == DATA


def test_a_download_of_which_nothing_comes_is_given_up(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.cut_downloads_after = [0] * 20

    with pytest.raises(ApiUnreachable):
        fetched(platform, tmp_path)
    assert len(platform.ranges) == 6
    assert list(tmp_path.iterdir()) == []


def test_storage_that_knows_no_ranges_sends_the_file_from_its_beginning(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.knows_ranges = False
    platform.cut_downloads_after = [4]
    fetched(platform, tmp_path)

    assert (tmp_path / DATASET).read_bytes() == DATA
    assert platform.ranges == ["", "bytes=4-"]


def test_a_damaged_file_is_fetched_once_more_and_then_refused(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.damaged_downloads = True

    with pytest.raises(RunFailed) as failed:
        fetched(platform, tmp_path)
    assert failed.value.failure.code is FailureCode.DATASET_CHECKSUM
    assert platform.ranges == ["", ""]
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoints_url_that_dies_in_the_middle_is_replaced(
    platform: FakePlatform, tmp_path: Path
) -> None:
    """Six gigabytes may outlive the session that signed for them: `start` signs again."""
    platform.resume_from = a_checkpoint()
    platform.cut_downloads_after = [len(DATA), 400]
    platform.expire_after_downloads = 2
    lines = fetched(platform, tmp_path)

    assert (tmp_path / RESUME / "state").read_bytes() == STATE
    assert platform.calls == ["start", "start"]
    assert platform.ranges == ["", "", "bytes=400-"]
    assert lines == []


def test_a_checkpoint_that_stays_refused_costs_time_and_no_more(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.resume_from = a_checkpoint()
    platform.files.clear()
    lines = fetched(platform, tmp_path)

    assert not (tmp_path / RESUME).exists()
    assert "starting over" in lines[0]


def test_a_disk_that_is_full_is_named(platform: FakePlatform, tmp_path: Path) -> None:
    (tmp_path / DATASET).symlink_to("/dev/full")
    platform.dataset = bytes(100_000)

    with pytest.raises(RunFailed) as failed:
        fetched(platform, tmp_path)
    assert failed.value.failure.code is FailureCode.DISK_TOO_SMALL
    assert list(tmp_path.iterdir()) == []


def test_a_large_download_takes_a_few_blocks_of_memory(tmp_path: Path) -> None:
    size_bytes = 128 * 1024**2
    said = Download(name="x", size_bytes=size_bytes, sha256="0" * 64, url="https://s.test/x")

    async def zeros() -> AsyncIterator[bytes]:
        for _ in range(128):
            yield bytes(1024**2)

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=zeros())

    async def download() -> int:
        storage, arriving = Storage(Wire(answer)), Arriving(tmp_path / "x")
        await storage.go_on(said, arriving)
        arriving.close()
        await storage.close()
        return arriving.size_bytes

    tracemalloc.start()
    assert asyncio.run(download()) == size_bytes
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 16 * 1024**2
