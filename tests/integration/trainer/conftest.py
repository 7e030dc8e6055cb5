"""A tiny base model once per session, and a worker that finds it."""

import os
from pathlib import Path

import pytest

from tests.support.trainer.tiny_model import build_tiny_model
from trainer_image.machine.gpu import Gpus
from trainer_image.worker.context import Worker
from trainer_image.worker.settings import WorkerSettings


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    build_tiny_model(folder)
    return folder


@pytest.fixture
def worker(tmp_path: Path, models_dir: Path) -> Worker:
    settings = WorkerSettings(
        work_dir=tmp_path,
        models_dir=models_dir,
        checkpoint_seconds=0.2,
        report_pause_seconds=0.05,
        stop_grace_seconds=30,
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RUNPOD_AI_API_KEY": "not-for-the-child"}
    return Worker(settings, Gpus(), "worker-1", environment)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """PEFT 0.21 reads an attribute that transformers 5.23 has deprecated; nothing of ours does."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is dep"))
