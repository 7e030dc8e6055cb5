"""A trained model waits longer for an API that is away than a run that has its checkpoints."""

import asyncio

import pytest

from tests.support.trainer.attempts import run_attempt
from tests.support.trainer.fake_platform import ORDER, FakePlatform, a_spec
from tests.support.trainer.platforms import a_platform
from trainer_image.worker.api_client import TRIES, ApiUnreachable, WorkerApi
from trainer_image.worker.context import Verdict, Worker

LONGER = TRIES + 2


def asks_for_the_dataset(platform: FakePlatform, *, delivers: bool) -> str:
    async def ask() -> str:
        api = WorkerApi(ORDER, transport=platform.transport, first_pause_seconds=0.001)
        if delivers:
            api.wait_longer()
        try:
            return (await api.dataset()).name
        finally:
            await api.close()

    return asyncio.run(ask())


def test_only_who_delivers_waits_for_a_long_outage() -> None:
    away = FakePlatform(a_spec(), b"", failing={"dataset": LONGER})
    assert asks_for_the_dataset(away, delivers=True) == "data.jsonl"

    away.failing["dataset"] = LONGER
    with pytest.raises(ApiUnreachable):
        asks_for_the_dataset(away, delivers=False)


@pytest.mark.slow
def test_a_trained_model_is_told_of_when_the_api_is_back(worker: Worker) -> None:
    platform = a_platform()
    platform.failing["finish"] = LONGER

    assert run_attempt(platform, worker) == Verdict("succeeded")
    assert len(platform.finishes) == 1
