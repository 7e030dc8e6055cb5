"""The disk is judged before anything large is fetched, and what is not needed makes room."""

import os
from pathlib import Path

import pytest

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.hubs import FILES, HUGE, NOWHERE, TINY, a_shelf
from tests.support.trainer.whole_runs import an_order, events_of
from trainer_image.ipc.events import RunBroken
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.heartbeat import Heartbeat
from trainer_image.ipc.run_spec import read_order, write_order
from trainer_image.model import weights
from trainer_image.model.disk import Need, require_disk
from trainer_image.model.hub import Hub
from trainer_image.model.weights import Sources
from trainer_image.training.setup import require_room
from trainer_image.worker.training_process import command

EIGHT_BILLION = 16_400_000_000
CHECKPOINTS = 4_400_000_000
"""Of rank 16, and the delivered files."""
ON_A_20_GB_DISK = 20_000_000_000


def test_a_20_gb_disk_is_refused_before_the_download(models_dir: Path, tmp_path: Path) -> None:
    """The weights alone would fit; with the checkpoints of the run they do not."""
    order = read_order(an_order(tmp_path / "run", models_dir))
    sources = Sources(None, (), Hub(tmp_path / "run" / "cache"))
    with a_shelf({"model.safetensors": EIGHT_BILLION}) as (endpoint, asked):
        located = weights.locate(TINY, Sources(None, (), Hub(sources.hub.cache, endpoint)))

        with pytest.raises(RunFailed) as refused:
            require_room(
                tmp_path / "run", order, located, CHECKPOINTS, free=lambda _: ON_A_20_GB_DISK
            )

    assert refused.value.failure.code is FailureCode.DISK_TOO_SMALL
    assert refused.value.failure.message == (
        "the weights of tests/tiny (16.4 GB) and checkpoints and the adapter (4.4 GB) need 20.8 GB"
        " of disk and 20.0 GB are free: give the endpoint a larger disk or a network volume"
    )
    assert not [path for path in asked if path.endswith(".safetensors")]
    require_room(tmp_path / "run", order, located, CHECKPOINTS, free=lambda _: 40 * 10**9)


@pytest.mark.slow
def test_a_run_whose_weights_would_fill_the_disk_fetches_none(
    models_dir: Path, tmp_path: Path
) -> None:
    tiny = weights.local_folder(models_dir, TINY)
    files = {path.name: path.read_bytes() for path in tiny.iterdir()}
    folder = an_order(tmp_path / "run", models_dir)
    write_order(folder, read_order(folder).model_copy(update={"models_dir": None}))

    with a_shelf({"model.safetensors": HUGE}, files) as (endpoint, asked):
        events = events_of(command(folder, 1), HF_ENDPOINT=endpoint)

    broken = events[-1]
    assert isinstance(broken, RunBroken)
    assert broken.failure.code is FailureCode.DISK_TOO_SMALL
    assert not [path for path in asked if path.endswith(".safetensors")]


def test_weights_that_are_here_need_no_room(tmp_path: Path) -> None:
    require_disk([Need(tmp_path, 0, "the weights")], free=lambda _: 0)


def test_a_disk_is_asked_of_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"the weights need 1000000\.0 GB of disk"):
        require_disk([Need(tmp_path / "not" / "yet", 10**15, "the weights")])


def test_the_model_that_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    """Three others of 10 bytes each; two have to go for 25 of 30."""
    hub = Hub(tmp_path, NOWHERE)
    for age, name in enumerate(("recent", "old", "oldest", "tests--tiny")):
        folder = tmp_path / f"models--{name}"
        folder.mkdir()
        os.utime(folder, (10**9 - age, 10**9 - age))

    def free(_folder: Path) -> int:
        return 5 + 10 * (4 - len(list(tmp_path.glob("models--*"))))

    require_disk(
        [Need(tmp_path, 25, "the weights")], evict=lambda: hub.evict_oldest(TINY), free=free
    )

    assert {path.name for path in tmp_path.glob("models--*")} == {
        "models--recent",
        "models--tests--tiny",
    }


def test_when_nothing_is_left_to_delete_the_disk_is_too_small(tmp_path: Path) -> None:
    (tmp_path / "models--tests--tiny").mkdir()
    hub = Hub(tmp_path, NOWHERE)

    with pytest.raises(RunFailed, match=r"need 0\.0 GB of disk"):
        require_disk(
            [Need(tmp_path, 25, "the weights")], evict=lambda: hub.evict_oldest(TINY), free=len_of
        )

    assert (tmp_path / "models--tests--tiny").is_dir()


def len_of(_folder: Path) -> int:
    return 0


def test_the_rows_are_read_while_the_weights_travel(tmp_path: Path) -> None:
    """Nothing waits for them until their folder is asked for."""
    model = BaseModelRef(id=TINY.id, revision=TINY.revision)
    with a_shelf({}, FILES) as (endpoint, asked):
        sources = Sources(None, (), Hub(tmp_path / "cache", endpoint))
        located = weights.locate(model, sources)
        before = [path for path in asked if path.endswith(".safetensors")]
        folder = weights.bring(model, located, sources, Heartbeat(lambda _: None)).result()

    assert before == []
    assert (located.folder, located.missing_bytes) == (folder, len(FILES["model.safetensors"]))
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_reading_ahead_reads_every_file_once_over_all_ranks(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"model-{number}.safetensors").write_bytes(b"x" * 10)
    beats: list[int] = []

    for rank in range(2):
        for reader in weights.read_ahead(tmp_path, lambda: beats.append(1), rank=rank, ranks=2):
            reader.join()

    assert len(beats) == 7
