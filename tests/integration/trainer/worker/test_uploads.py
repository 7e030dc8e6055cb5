"""Files in parts on their way to storage, and everything that may happen to them there."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from brightrun.errors import Superseded
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import StoredFile
from tests.support.trainer.fake_parts import CUTTING, PART_BYTES, FakeParts, a_sparse_file
from tests.support.trainer.fake_platform import ORDER, FakePlatform, a_spec
from trainer_image.ipc.failures import RunFailed
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.uploads import store

CONTENT = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c" * PART_BYTES + b"d" * 9
NAME = "state.safetensors"


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(a_spec(), b"")


@pytest.fixture
def parts(platform: FakePlatform) -> FakeParts:
    return platform.parts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / NAME).write_bytes(CONTENT)
    (kept / "state.json").write_bytes(b"{}")
    return kept


def sent(
    platform: FakePlatform,
    folder: Path,
    beside: Callable[[asyncio.Task[tuple[StoredFile, ...]]], Awaitable[None]] | None = None,
) -> tuple[StoredFile, ...]:
    """Send the folder as a checkpoint, while `beside` watches the task that does it."""

    async def send() -> tuple[StoredFile, ...]:
        api = WorkerApi(
            ORDER, transport=platform.transport, first_pause_seconds=0.001, cutting=CUTTING
        )
        try:
            task = asyncio.create_task(store(api, folder, kind="checkpoint", step=7))
            if beside is not None:
                await beside(task)
            return await task
        finally:
            await api.close()

    return asyncio.run(send())


def test_a_large_file_arrives_in_parts_and_a_small_one_whole(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    files = sent(platform, folder)

    assert platform.files == {f"checkpoint/{NAME}": CONTENT, "checkpoint/state.json": b"{}"}
    assert parts.puts == {1: 1, 2: 1, 3: 1, 4: 1}
    (small, large) = sorted(files, key=lambda file: file.size_bytes)
    assert large.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (small.parts_sha256, (large.parts_sha256 or "")[-2:]) == (None, "-4")


def test_four_parts_are_on_their_way_at_once(
    platform: FakePlatform, parts: FakeParts, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    a_sparse_file(tmp_path / "files", 7 * PART_BYTES)
    parts.signed_at_once = 10

    sent(platform, tmp_path / "files")

    assert parts.at_once == 4
    assert parts.puts == dict.fromkeys(range(1, 8), 1)


@pytest.mark.parametrize("status", [500, 503])
def test_a_part_that_storage_cannot_take_now_is_sent_again_alone(
    platform: FakePlatform, parts: FakeParts, folder: Path, status: int
) -> None:
    parts.on_put = lambda number, tried: (
        httpx.Response(status) if number == 2 and tried < 3 else None
    )

    sent(platform, folder)

    assert platform.files[f"checkpoint/{NAME}"] == CONTENT
    assert parts.tries == {1: 1, 2: 3, 3: 1, 4: 1}


def test_a_connection_cut_in_the_middle_of_a_part_costs_that_part(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    parts.cut = lambda number, tried: number == 3 and tried == 1

    sent(platform, folder)

    assert platform.files[f"checkpoint/{NAME}"] == CONTENT
    assert parts.tries == {1: 1, 2: 1, 3: 2, 4: 1}


def test_an_expired_url_of_a_part_is_replaced_by_a_fresh_one(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    parts.expired = {"https://storage.test/parts/upload-1/2?signed=2"}

    sent(platform, folder)

    assert platform.files[f"checkpoint/{NAME}"] == CONTENT
    assert parts.tries == {1: 1, 2: 2, 3: 1, 4: 1}


def test_a_lost_answer_to_complete_sends_nothing_again(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    platform.losing = {"complete": 1}

    sent(platform, folder)

    assert platform.files[f"checkpoint/{NAME}"] == CONTENT
    assert platform.calls.count("complete") == 2
    assert set(parts.puts.values()) == {1}


def test_an_upload_that_was_closed_in_between_is_begun_again(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    """Somebody's lifecycle rule was quicker than our line."""

    def close_once(number: int, tried: int) -> httpx.Response | None:
        if (number, tried) != (3, 1):
            return None
        parts.uploads.clear()
        return httpx.Response(404)

    parts.on_put = close_once

    sent(platform, folder)

    assert platform.files[f"checkpoint/{NAME}"] == CONTENT
    assert list(parts.declared) == ["upload-1", "upload-2"]


def test_a_worker_superseded_in_between_joins_nothing(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    def supersede(_number: int, _tried: int) -> None:
        platform.superseded = True

    parts.on_put = supersede

    with pytest.raises(Superseded):
        sent(platform, folder)
    assert f"checkpoint/{NAME}" not in platform.files
    assert "complete" not in platform.calls


def test_storage_that_keeps_refusing_ends_the_upload_after_bounded_tries(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    parts.on_put = lambda _number, _tried: httpx.Response(403)

    with pytest.raises(RunFailed) as failed:
        sent(platform, folder)
    assert failed.value.failure.code is FailureCode.UPLOAD_FAILED
    assert parts.tries == {1: 6, 2: 6}


def test_a_part_that_never_arrives_does_not_keep_the_others_from_being_sent_once(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    parts.on_put = lambda number, _tried: httpx.Response(500) if number == 1 else None

    with pytest.raises(RunFailed):
        sent(platform, folder)
    assert parts.puts == {2: 1, 3: 1, 4: 1}


def test_a_file_over_the_limit_is_final_and_says_what_helps(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    """It would be as large on the next GPU: three trainings for nothing."""
    parts.largest_bytes = PART_BYTES

    with pytest.raises(RunFailed, match="lower the rank") as failed:
        sent(platform, folder)
    assert failed.value.failure.code is FailureCode.BAD_CONFIGURATION


def test_an_api_of_an_earlier_version_gets_the_file_whole(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    platform.knows_parts = False

    sent(platform, folder)

    assert platform.files[f"checkpoint/{NAME}"] == CONTENT
    assert parts.tries == {}


def test_a_cancelled_upload_ends_in_the_middle_of_a_part(
    platform: FakePlatform, parts: FakeParts, folder: Path
) -> None:
    """What RunPod's cancel does; nothing is on its way when the cancellation comes out."""
    waiting = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        waiting.set()
        await asyncio.Event().wait()
        return httpx.Response(200)

    parts.put = hang  # type: ignore[method-assign]

    async def cancel(task: asyncio.Task[tuple[StoredFile, ...]]) -> None:
        await waiting.wait()
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        sent(platform, folder, beside=cancel)
    assert "complete" not in platform.calls
