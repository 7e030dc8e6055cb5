"""Where a run finds its weights, and what of it outlives the job."""

from pathlib import Path

from tests.support.trainer.fake_platform import a_spec
from trainer_image.worker.run_order import order_for
from trainer_image.worker.settings import WorkerSettings


def test_what_was_fetched_outlives_the_job_and_makes_room_for_others() -> None:
    """A job's own folder is wiped; a retry on this worker would pay for 16 GB again."""
    order = order_for(a_spec(), WorkerSettings(work_dir=Path("/tmp")))  # noqa: S108 - a name

    assert Path(order.cache_dir) == Path("/tmp/brightrun-hub")  # noqa: S108 - a name
    assert order.may_evict


def test_a_cache_that_was_named_is_used_and_never_cleared() -> None:
    order = order_for(a_spec(), WorkerSettings(cache_dir=Path("/runpod-volume/hub")))

    assert order.cache_dir == "/runpod-volume/hub"
    assert not order.may_evict


def test_runpods_cached_model_is_looked_for_where_it_is_mounted() -> None:
    order = order_for(a_spec(), WorkerSettings())
    other = order_for(a_spec(), WorkerSettings.model_validate({"hub_caches": "/a, /b"}))

    assert order.hub_caches == ("/runpod-volume/huggingface-cache/hub",)
    assert other.hub_caches == ("/a", "/b")
