"""A model on its way down: checked, gone on with after a break, and never written elsewhere."""

from pathlib import Path

import pytest

from brightrun.client import BrightRun, NoConnection, TransferFailed
from brightrun.client.downloads import check
from brightrun.models.view import ModelDetail
from brightrun.runtime import Deps
from brightrun.training.protocol import StoredFile
from tests.support.api.client_wires import Storage
from tests.support.api.stored_models import FILES, stored_model
from tests.support.factories import MODEL_ID

BIG = "adapter_model.safetensors"


@pytest.fixture
def model(client: BrightRun, deps: Deps) -> ModelDetail:
    stored_model(deps)
    return client.models.read(MODEL_ID)


def test_every_file_arrives_as_it_was_declared(
    client: BrightRun, model: ModelDetail, tmp_path: Path
) -> None:
    arrived: dict[str, int] = {}
    client.download(model, tmp_path / "model", progress=arrived.__setitem__)

    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == FILES
    assert arrived == {name: len(body) for name, body in FILES.items()}
    assert [each.fault for each in check(model, tmp_path / "model")] == ["", "", ""]


def test_what_is_there_and_right_is_not_fetched_again(
    client: BrightRun, model: ModelDetail, storage: Storage, tmp_path: Path
) -> None:
    client.download(model, tmp_path)
    (tmp_path / "README.md").write_bytes(b"# Not it\n")
    storage.received.clear()

    client.download(model, tmp_path)
    assert storage.received == ["README.md from 0"]


def test_a_broken_connection_is_gone_on_with_where_it_stopped(
    client: BrightRun, model: ModelDetail, storage: Storage, tmp_path: Path
) -> None:
    storage.cut = lambda sent: 1_000_000 if sent <= 2 else None
    client.download(model, tmp_path, [BIG])

    assert storage.received == [f"{BIG} from {start}" for start in (0, 1_000_000, 2_000_000)]
    assert (tmp_path / BIG).read_bytes() == FILES[BIG]


def test_a_later_call_goes_on_with_what_an_earlier_one_has_brought(
    client: BrightRun, model: ModelDetail, storage: Storage, tmp_path: Path
) -> None:
    storage.cut = lambda sent: 500_000 if sent == 1 else 0
    with pytest.raises(NoConnection, match="given up after 5 attempts"):
        client.download(model, tmp_path, [BIG])
    storage.cut = lambda _: None
    storage.received.clear()

    client.download(model, tmp_path, [BIG])
    assert storage.received == [f"{BIG} from 500000"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [BIG]


@pytest.mark.parametrize("expired", [400, 403])
def test_an_address_that_has_expired_is_signed_anew(
    client: BrightRun, model: ModelDetail, storage: Storage, tmp_path: Path, expired: int
) -> None:
    storage.refuse = lambda sent: expired if sent == 0 else None

    client.download(model, tmp_path, ["README.md"])
    assert storage.received == ["refused", "README.md from 0"]


def test_a_failing_storage_is_tried_again(
    client: BrightRun, model: ModelDetail, storage: Storage, tmp_path: Path
) -> None:
    storage.refuse = lambda sent: 503 if sent < 3 else None

    client.download(model, tmp_path, ["README.md"])
    assert (tmp_path / "README.md").read_bytes() == FILES["README.md"]


def test_a_redirect_is_not_followed(
    client: BrightRun, model: ModelDetail, storage: Storage, tmp_path: Path
) -> None:
    storage.refuse = lambda _: 307

    with pytest.raises(TransferFailed, match="the storage redirects"):
        client.download(model, tmp_path)


def test_a_file_that_is_not_what_was_declared_is_not_kept(
    client: BrightRun, model: ModelDetail, deps: Deps, tmp_path: Path
) -> None:
    key = f"models/ada/{MODEL_ID}/README.md"
    deps.store.client.put_object(Bucket=deps.store.bucket, Key=key, Body=b"# A mod3l\n")

    with pytest.raises(TransferFailed, match=r"README\.md is not the file that was declared"):
        client.download(model, tmp_path, ["README.md"])
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..", "a\\b"])
def test_a_name_that_is_a_path_is_written_nowhere(
    client: BrightRun, model: ModelDetail, tmp_path: Path, name: str
) -> None:
    strange = model.model_copy(
        update={"manifest": (StoredFile.model_construct(name=name, size_bytes=1, sha256="0" * 64),)}
    )

    with pytest.raises(TransferFailed, match="no plain file name"):
        client.download(strange, tmp_path / "model")


def test_files_on_disk_are_checked_without_fetching(
    model: ModelDetail, storage: Storage, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_bytes(b"# A mod3l\n")
    (tmp_path / "adapter_config.json").write_bytes(b"{}")
    faults = {each.name: each.fault for each in check(model, tmp_path)}

    assert faults[BIG] == "is not there"
    assert faults["README.md"].startswith("has SHA-256")
    assert faults["adapter_config.json"] == "has 2 bytes, 9 were declared"
    assert storage.received == []


def test_a_file_that_the_model_does_not_have_is_named(
    client: BrightRun, model: ModelDetail, tmp_path: Path
) -> None:
    with pytest.raises(TransferFailed, match=r"nothing\.txt: the model has README\.md"):
        client.download(model, tmp_path, ["nothing.txt"])
