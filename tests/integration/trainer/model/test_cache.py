"""The Hub's files in the cache: what is there is neither asked for, nor paid for, again."""

import shutil
from pathlib import Path

import pytest

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.hubs import FILES, HUGE, NOWHERE, TINY, a_shelf, fetched
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import hub
from trainer_image.model.hub import Hub


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache that has all of the model."""
    folder = tmp_path / "cache"
    with a_shelf({}) as (endpoint, _):
        fetched(folder, endpoint)
    return folder


def test_a_full_cache_needs_no_hub(cache: Path) -> None:
    with a_shelf({}) as (endpoint, asked):
        folder = fetched(cache, endpoint)

    assert asked == []
    assert fetched(cache, NOWHERE) == folder
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"}


def test_a_cache_that_lacks_a_file_is_not_full(cache: Path) -> None:
    (lost,) = cache.rglob("snapshots/*/config.json")
    lost.unlink()

    with pytest.raises(RunFailed) as failure:
        fetched(cache, NOWHERE)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE


def test_a_cache_of_which_nobody_knows_what_it_lacks_is_asked_about(
    cache: Path, tmp_path: Path
) -> None:
    """An earlier library left no list of a commit's files; what is there may be a part."""
    older = shutil.copytree(cache, tmp_path / "older", symlinks=True)
    (listed,) = older.rglob("trees/*.json")
    listed.unlink()
    (lost,) = older.rglob("snapshots/*/model.safetensors")
    lost.unlink()

    with a_shelf({}) as (endpoint, _):
        folder = fetched(older, endpoint)

    assert (folder / "model.safetensors").read_bytes() == b"the weights"


def test_only_what_is_missing_has_to_fit_on_the_disk(cache: Path) -> None:
    (lost,) = cache.rglob("snapshots/*/config.json")
    lost.unlink()

    with a_shelf({"model.safetensors": HUGE}) as (endpoint, _):
        folder = fetched(cache, endpoint)

    assert (folder / "config.json").read_bytes() == b"{}"


def test_what_another_rank_is_fetching_takes_no_more_room(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    blobs = cache / "models--tests--tiny" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "abc.incomplete").write_bytes(b"x" * 100_000)

    begun = Hub(cache).begun_bytes(TINY)

    assert 100_000 <= begun < 110_000


def test_mistrals_second_copy_is_neither_fetched_nor_counted(tmp_path: Path) -> None:
    files = FILES | {"consolidated.safetensors": b"the same weights"}
    with a_shelf({"consolidated.safetensors": HUGE}, files) as (endpoint, asked):
        folder = fetched(tmp_path / "cache", endpoint)

    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"}
    assert not [path for path in asked if "consolidated" in path]


@pytest.mark.parametrize(
    ("path", "is_weights"),
    [
        ("model.safetensors", True),
        ("model-00001-of-00002.safetensors", True),
        ("consolidated.safetensors", False),
        ("original/consolidated-00001-of-00002.safetensors", False),
        ("config.json", False),
    ],
)
def test_which_files_are_weights(path: str, *, is_weights: bool) -> None:
    assert hub.is_weights(path) is is_weights
