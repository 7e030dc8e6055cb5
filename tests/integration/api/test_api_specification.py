"""The API held against the platform's own documents: every field by name and type.

One dataset, one job and one model, made by the real functions in this process; then every answer
about them. On the deployed stack: `tests/stack/test_specification_on_the_stack.py`.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from brightrun.runtime import Deps
from functions.api.app import handle
from functions.validate_dataset import app as validate_dataset
from tests.support.api.datasets import NEW, upload
from tests.support.api.http_calls import Answer, an_event, answered, identity
from tests.support.api.specified import PROMISES, Life
from tests.support.factories import ADA
from tests.support.harness import World, a_world

ROWS = b"".join(
    json.dumps({"prompt": f"What is {n} + {n}?", "completion": f"It is {2 * n}."}).encode() + b"\n"
    for n in range(1, 41)
)
ADAS = identity(user_id=ADA, email="ada@example.org")
ADMIN = identity(user_id="root", admin="true")


class LifeInMemory:
    """A stage on which a model was made."""

    user_id = ADA

    def __init__(self, deps: Deps) -> None:
        self.world: World = a_world(deps)
        self.dataset = self._dataset()
        self.job = self._job()
        self.model = str(self.call("GET /api/models").data["models"][0]["id"])

    def call(
        self, route: str, body: object = None, query: Any = None, *, admin: bool = False
    ) -> Answer:
        caller = ADMIN if admin else ADAS
        event = an_event(route, body, caller, None, None, query)
        return answered(handle(event, None, self.world.deps))

    def _dataset(self) -> str:
        new = {**NEW, "file_size": len(ROWS)}
        made = self.call("POST /api/datasets", new).data["dataset"]
        upload(self.world.deps, made["storage_path"], ROWS)
        self.call(f"POST /api/datasets/{made['id']}/confirm")
        validate_dataset.handle({}, None, self.world.deps)
        return str(made["id"])

    def _job(self) -> str:
        order = {"dataset_id": self.dataset, "gpu_config": {"type": "A100-80GB", "count": 1}}
        job = self.call("POST /api/jobs", order).data
        self.world.job_id = job["id"]
        self.world.tick()
        worker = self.world.worker("run-1")
        worker.start()
        worker.trains(range(1, 11), seconds=90)
        worker.finishes(seconds=100)
        self.world.tick()
        return str(job["id"])


@pytest.fixture
def life(deps: Deps) -> LifeInMemory:
    settings = deps.settings.model_copy(update={"cognito_pool_id": "us-east-1_pool"})
    return LifeInMemory(replace(deps, settings=settings))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_what_is_documented_is_answered(life: Life, promise: Callable[[Life], None]) -> None:
    promise(life)
