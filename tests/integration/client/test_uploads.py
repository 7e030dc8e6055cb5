"""A file on its way up, against the real API: whole, in parts, broken off, known already."""

from pathlib import Path

import pytest

from brightrun.client import ApiError, BrightRun, HowToRead, TransferFailed
from brightrun.client.uploads import UploadBroken
from brightrun.datasets.view import DatasetDetail
from brightrun.training.configuration import OverLength
from tests.support.api.client_wires import Storage
from tests.support.api.http_calls import Call

GOOD = b'{"prompt":"a","completion":"b"}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(GOOD)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Rows of a mebibyte, just over the size from which files come in parts."""
    path = tmp_path / "large.jsonl"
    row = GOOD.replace(b"a", b"a" * (1024 * 1024 - len(GOOD) + 1), 1)
    path.write_bytes(row * 64 + b"\n" * 5)
    return path


def uploaded(client: BrightRun, file: Path, **how: object) -> DatasetDetail:
    sent = client.upload(file, **how)  # type: ignore[arg-type]
    return client.validated(sent.dataset)


def test_a_file_is_uploaded_confirmed_and_validated(
    client: BrightRun, storage: Storage, file: Path
) -> None:
    seen: list[int] = []
    dataset = uploaded(client, file, progress=seen.append)

    assert storage.received == ["whole"]
    assert (dataset.status, dataset.total_training_pairs) == ("ready", 1)
    assert seen == [len(GOOD)]


def test_the_same_content_is_sent_once_however_often_it_is_asked(
    client: BrightRun, storage: Storage, api: Call, file: Path
) -> None:
    first = uploaded(client, file)

    for _ in range(3):
        sent = client.upload(file)
        assert (sent.dataset.id, sent.was_there) == (first.id, True)
    assert storage.received == ["whole"]
    assert [row["id"] for row in api("GET /api/datasets").data["datasets"]] == [first.id]


def test_the_same_content_is_sent_again_where_that_is_asked_or_it_is_read_otherwise(
    client: BrightRun, storage: Storage, file: Path
) -> None:
    uploaded(client, file)

    assert client.upload(file, again=True).was_there is False
    truncating = HowToRead(over_length=OverLength.TRUNCATE)
    assert client.upload(file, reading=truncating).was_there is False
    assert client.upload(file, reading=truncating).was_there is True
    assert storage.received == ["whole"] * 3


def test_after_a_break_the_same_call_sends_only_the_missing_parts(
    client: BrightRun, storage: Storage, large: Path
) -> None:
    storage.refuse = lambda sent: 409 if sent == 2 else None
    with pytest.raises(UploadBroken) as broken:
        client.upload(large)
    storage.refuse = lambda _: None

    assert uploaded(client, large).id == broken.value.dataset_id
    assert storage.received == ["part 1", "part 2", "refused", "part 3", "part 4", "part 5"]


def test_a_broken_upload_is_resumed_by_its_id(
    client: BrightRun, storage: Storage, file: Path
) -> None:
    storage.refuse = lambda _: 409
    with pytest.raises(UploadBroken) as broken:
        client.upload(file)
    storage.refuse = lambda _: None

    assert uploaded(client, file, resume=broken.value.dataset_id).status == "ready"


def test_another_file_does_not_resume_an_upload(
    client: BrightRun, storage: Storage, file: Path
) -> None:
    storage.refuse = lambda _: 409
    with pytest.raises(UploadBroken) as broken:
        client.upload(file)
    file.write_bytes(GOOD * 2)

    with pytest.raises(TransferFailed, match="not the file that was begun"):
        client.upload(file, resume=broken.value.dataset_id)


@pytest.mark.parametrize("expired", [400, 403])
def test_an_address_that_has_expired_is_asked_for_again(
    client: BrightRun, storage: Storage, file: Path, expired: int
) -> None:
    storage.refuse = lambda sent: expired if sent == 0 else None

    assert uploaded(client, file).status == "ready"
    assert storage.received == ["refused", "whole"]


def test_a_failing_storage_is_tried_again_and_then_given_up(
    client: BrightRun, storage: Storage, file: Path
) -> None:
    storage.refuse = lambda sent: 503 if sent < 2 else None
    assert uploaded(client, file).status == "ready"
    assert storage.received == ["refused", "refused", "whole"]

    file.write_bytes(GOOD * 2)
    storage.refuse = lambda _: 503
    with pytest.raises(UploadBroken, match="given up after 5 attempts: status 503"):
        client.upload(file)


def test_a_redirect_is_not_taken_for_stored(
    client: BrightRun, storage: Storage, file: Path
) -> None:
    storage.refuse = lambda _: 307

    with pytest.raises(UploadBroken, match="the storage redirects"):
        client.upload(file)


def test_what_the_api_refuses_is_told_in_its_words(client: BrightRun, file: Path) -> None:
    with pytest.raises(ApiError, match=r"was not found \(dataset_not_found\)"):
        client.upload(file, resume="unknown")
