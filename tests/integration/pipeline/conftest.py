"""A world with one user's jobs in it, and a worker that has begun one of them."""

import pytest

from brightrun.runtime import Deps
from tests.support.harness import Worker, World, a_world


@pytest.fixture
def world(deps: Deps) -> World:
    return a_world(deps)


@pytest.fixture
def worker(world: World) -> Worker:
    world.queue_job()
    world.tick()
    started = world.worker("run-1")
    started.start()
    return started
