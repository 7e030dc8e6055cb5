"""What a worker without root makes of a volume that belongs to somebody else."""

from pathlib import Path

from tests.support.trainer.nobody import a_volume, as_nobody
from trainer_image.worker.settings import WorkerSettings
from trainer_image.worker.volume_folders import is_closed, is_writable, with_usable_folders

MINE = WorkerSettings(models_dir=None, hub_caches=())


def test_a_named_cache_that_cannot_be_written_to_is_read_and_said() -> None:
    said: list[str] = []
    with a_volume() as volume, as_nobody():
        found = with_usable_folders(
            MINE.model_copy(update={"cache_dir": volume / "hub"}), said.append
        )

    assert found.cache_dir is None
    assert found.hub_caches == (volume / "hub",)
    assert [line for line in said if f"may not write to {volume}/hub" in line] == said != []


def test_a_cache_that_can_be_written_to_is_used_as_it_was_named(tmp_path: Path) -> None:
    said: list[str] = []
    named = MINE.model_copy(update={"cache_dir": tmp_path / "new" / "hub"})

    assert with_usable_folders(named, said.append) == named
    assert not said
    assert (tmp_path / "new" / "hub").is_dir()


def test_models_that_may_not_be_read_are_said_and_the_job_goes_on() -> None:
    said: list[str] = []
    with a_volume(mode=0) as closed, as_nobody():
        settings = MINE.model_copy(update={"models_dir": closed, "hub_caches": (closed / "no",)})
        found = with_usable_folders(settings, said.append)

    assert found == settings
    assert [line.partition(":")[0].split(" may ")[1] for line in said] == [
        f"not read {closed}",
        f"not read {closed}/no",
    ]


def test_a_folder_that_is_absent_is_not_closed_and_one_below_a_file_takes_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()

    assert not is_closed(tmp_path / "absent")
    assert not is_closed(tmp_path)
    assert not is_writable(tmp_path / "file" / "cache")
    assert is_writable(tmp_path / "fresh")
