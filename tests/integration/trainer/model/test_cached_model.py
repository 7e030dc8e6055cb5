"""RunPod's cached model: found where it is mounted, complete by its files, never written to."""

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.hubs import NOWHERE, TINY
from tests.support.trainer.nobody import a_volume, as_nobody
from tests.support.trainer.tiny_model import REVISION
from tests.support.trainer.whole_runs import an_order, events_of
from trainer_image.ipc.events import RunFinished
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import read_order, write_order
from trainer_image.model import weights
from trainer_image.model.hub import Hub
from trainer_image.model.snapshots import INDEX, find_snapshot
from trainer_image.model.weights import Sources
from trainer_image.worker.training_process import command


def files_under(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def mount(models_dir: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield a folder as RunPod mounts it: links to blobs, no list of files, not writable."""
    root = tmp_path / "huggingface-cache" / "hub"
    repository = root / "models--tests--tiny"
    snapshot = repository / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    (repository / "blobs").mkdir()
    for number, path in enumerate(sorted(weights.local_folder(models_dir, TINY).iterdir())):
        blob = shutil.copyfile(path, repository / "blobs" / f"{number:040x}")
        (snapshot / path.name).symlink_to(Path("../../blobs") / blob.name)
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    yield root
    for folder in folders:
        folder.chmod(stat.S_IRWXU)


def located_in(mount: Path, tmp_path: Path) -> Path:
    sources = Sources(None, (tmp_path / "absent", mount), Hub(tmp_path / "cache", NOWHERE))
    located = weights.locate(TINY, sources)
    assert located.missing_bytes == 0
    assert located.stored_bytes == (located.folder / "model.safetensors").stat().st_size
    return located.folder


def test_a_cached_model_is_found_without_a_network_and_without_a_write(
    mount: Path, tmp_path: Path
) -> None:
    before = files_under(mount)

    folder = located_in(mount, tmp_path)

    assert folder == mount / "models--tests--tiny" / "snapshots" / REVISION
    assert files_under(mount) == before
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_a_run_trains_on_a_cached_model_that_it_may_only_read(
    mount: Path, tmp_path: Path, models_dir: Path
) -> None:
    """Nothing in the prepared folder, nothing in the cache, nobody at the Hub's address."""
    before = files_under(mount)
    folder = an_order(tmp_path / "run", models_dir, epochs=1)
    order = read_order(folder)
    write_order(
        folder,
        order.model_copy(update={"models_dir": None, "hub_caches": (str(mount),)}),
    )

    events = events_of(command(folder, 1), HF_ENDPOINT=NOWHERE)

    assert isinstance(events[-1], RunFinished)
    assert files_under(mount) == before


def a_copy(mount: Path, tmp_path: Path) -> Path:
    copied = shutil.copytree(mount, tmp_path / "copied")
    for folder in (copied, *(path for path in copied.rglob("*") if path.is_dir())):
        folder.chmod(stat.S_IRWXU)
    return copied


def shorten(snapshot: Path) -> None:
    path = snapshot / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def lose_weights(snapshot: Path) -> None:
    (snapshot / "model.safetensors").unlink()


def lose_tokenizer(snapshot: Path) -> None:
    (snapshot / "tokenizer.json").unlink()


def cut_header(snapshot: Path) -> None:
    (snapshot / "model.safetensors").write_bytes(b"\xff" * 64)


def lose_a_shard(snapshot: Path) -> None:
    split(snapshot)
    (snapshot / "model-00002-of-00002.safetensors").unlink()


@pytest.mark.parametrize(
    "damage", [shorten, lose_weights, lose_tokenizer, cut_header, lose_a_shard]
)
def test_a_cached_model_that_lacks_something_is_not_believed(
    damage: object, mount: Path, tmp_path: Path
) -> None:
    assert callable(damage)
    copied = a_copy(mount, tmp_path)
    damage(copied / "models--tests--tiny" / "snapshots" / REVISION)

    with pytest.raises(RunFailed) as failure:
        located_in(copied, tmp_path)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE


def split(snapshot: Path) -> None:
    """Lay the weights out in two files with an index, as large models are."""
    whole = snapshot / "model.safetensors"
    tensors = load_file(whole)
    names = sorted(tensors)
    where: dict[str, str] = {}
    for number, part in enumerate((names[:5], names[5:]), start=1):
        name = f"model-0000{number}-of-00002.safetensors"
        save_file({each: tensors[each] for each in part}, snapshot / name)
        where |= dict.fromkeys(part, name)
    whole.unlink()
    (snapshot / INDEX).write_text(json.dumps({"weight_map": where}))


def test_a_model_in_several_files_is_complete_with_all_that_its_index_names(
    mount: Path, tmp_path: Path
) -> None:
    copied = a_copy(mount, tmp_path)
    split(copied / "models--tests--tiny" / "snapshots" / REVISION)

    assert find_snapshot(copied, TINY) is not None


def test_another_revision_is_another_model(mount: Path) -> None:
    assert find_snapshot(mount, TINY.model_copy(update={"revision": "f" * 40})) is None


def test_prepared_models_that_may_not_be_read_are_as_if_they_were_not_there() -> None:
    """The worker is not root: a volume's folder may be one that only root reads."""
    with a_volume(0o777) as cache, a_volume() as volume:
        volume.chmod(0o755)
        prepared = weights.local_folder(volume, TINY)
        prepared.mkdir(parents=True)
        (prepared / "config.json").write_text("{}", encoding="utf-8")
        prepared.chmod(0)
        with as_nobody(), pytest.raises(RunFailed) as caught:
            weights.locate(TINY, Sources(volume, (volume,), Hub(cache, NOWHERE)))
        prepared.chmod(0o755)

    assert caught.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE
