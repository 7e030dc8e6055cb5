"""`brightrun datasets upload` against the real API: whole, in parts, broken off, known already."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from brightrun.cli.upload import UploadOptions, UploadStopped, Wires, upload_file
from brightrun.runtime import Deps
from functions.validate_dataset import app as validate_dataset
from tests.support.http_calls import Call

GOOD = b'{"prompt":"a","completion":"b"}\n'


@dataclass
class Storage:
    """S3 behind presigned addresses; `refuse` may answer in its place."""

    deps: Deps
    received: list[str] = field(default_factory=list)
    refuse: Callable[[int], int | None] = lambda _: None

    def put(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        address = urlsplit(str(request.url))
        bucket = self.deps.store.bucket
        key = unquote(address.path).removeprefix(f"/{bucket}").lstrip("/")
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        body = request.read()
        assert int(request.headers["content-length"]) == len(body)
        if (status := self.refuse(len(self.received))) is not None:
            self.received.append("refused")
            return httpx.Response(status)
        client = self.deps.store.client
        if "uploadId" in query:
            number = int(query["partNumber"])
            client.upload_part(
                Bucket=bucket, Key=key, UploadId=query["uploadId"], PartNumber=number, Body=body
            )
            self.received.append(f"part {number}")
        else:
            client.put_object(Bucket=bucket, Key=key, Body=body)
            self.received.append("whole")
        return httpx.Response(200)


@pytest.fixture
def storage(deps: Deps) -> Storage:
    return Storage(deps)


@pytest.fixture
def wires(api: Call, deps: Deps, storage: Storage) -> Wires:
    """The real API; while the command sleeps, the validator runs."""

    def ask(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        answer = api(f"{request.method} {request.url.path}", body)
        return httpx.Response(answer.status, json=answer.body)

    def meanwhile(_: float) -> None:
        validate_dataset.handle({}, None, deps)

    return Wires(
        httpx.Client(transport=httpx.MockTransport(ask), base_url="https://api.test"),
        httpx.Client(transport=httpx.MockTransport(storage.put)),
        meanwhile,
    )


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


def test_a_file_is_uploaded_confirmed_and_validated(
    wires: Wires, storage: Storage, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload_file(UploadOptions(file, "rows"), wires) == 0

    assert storage.received == ["whole"]
    assert ": ready\n1 training pairs" in capsys.readouterr().out


def test_a_file_with_errors_exits_1_and_says_the_first(
    wires: Wires, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(GOOD + b"nope\n")

    assert upload_file(UploadOptions(file, "rows"), wires) == 1
    assert "1 error; first: line 2" in capsys.readouterr().out


def test_the_same_content_twice_is_told_with_the_existing_id(
    wires: Wires, storage: Storage, api: Call, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upload_file(UploadOptions(file, "rows"), wires)
    (first,) = api("GET /api/datasets").data["datasets"]

    assert upload_file(UploadOptions(file, "again"), wires) == 0
    assert f"already there: dataset {first['id']}" in capsys.readouterr().out
    assert storage.received == ["whole"]
    assert [row["id"] for row in api("GET /api/datasets").data["datasets"]] == [first["id"]]
    assert upload_file(UploadOptions(file, "again", again=True), wires) == 0
    assert storage.received == ["whole", "whole"]


def test_after_a_break_only_the_missing_parts_are_sent(
    wires: Wires, storage: Storage, large: Path
) -> None:
    storage.refuse = lambda sent: 409 if sent == 2 else None
    with pytest.raises(UploadStopped, match="--resume") as stopped:
        upload_file(UploadOptions(large, "large"), wires)
    dataset_id = str(stopped.value).rpartition(" ")[2]
    storage.refuse = lambda _: None

    assert upload_file(UploadOptions(large, "large", resume=dataset_id), wires) == 0
    assert storage.received == [
        "part 1",
        "part 2",
        "refused",
        "part 3",
        "part 4",
        "part 5",
    ]


def test_an_address_that_has_expired_is_asked_for_again(
    wires: Wires, storage: Storage, file: Path
) -> None:
    storage.refuse = lambda sent: 403 if sent == 0 else None

    assert upload_file(UploadOptions(file, "rows"), wires) == 0
    assert storage.received == ["refused", "whole"]


def test_a_failing_network_is_tried_again_and_then_given_up(
    wires: Wires, storage: Storage, file: Path
) -> None:
    storage.refuse = lambda sent: 503 if sent < 2 else None
    assert upload_file(UploadOptions(file, "rows"), wires) == 0
    assert storage.received == ["refused", "refused", "whole"]

    file.write_bytes(GOOD * 2)
    storage.refuse = lambda _: 503
    with pytest.raises(UploadStopped, match="given up after 5 attempts: status 503"):
        upload_file(UploadOptions(file, "rows"), wires)


def test_another_file_does_not_resume_an_upload(wires: Wires, storage: Storage, file: Path) -> None:
    storage.refuse = lambda _: 409
    with pytest.raises(UploadStopped) as stopped:
        upload_file(UploadOptions(file, "rows"), wires)
    dataset_id = str(stopped.value).rpartition(" ")[2]
    file.write_bytes(GOOD * 2)

    with pytest.raises(UploadStopped, match="not the file that was begun"):
        upload_file(UploadOptions(file, "rows", resume=dataset_id), wires)


def test_what_the_api_refuses_is_told_in_its_words(wires: Wires, file: Path) -> None:
    with pytest.raises(UploadStopped, match=r"was not found \(dataset_not_found\)"):
        upload_file(UploadOptions(file, "rows", resume="unknown"), wires)


@pytest.mark.parametrize("expired", [400, 403])
def test_an_expired_session_is_answered_by_asking_again(
    wires: Wires, storage: Storage, file: Path, expired: int
) -> None:
    storage.refuse = lambda sent: expired if sent == 0 else None

    assert upload_file(UploadOptions(file, "rows"), wires) == 0
    assert storage.received == ["refused", "whole"]


def test_a_redirect_is_not_taken_for_stored(wires: Wires, storage: Storage, file: Path) -> None:
    storage.refuse = lambda _: 307

    with pytest.raises(UploadStopped, match="the storage redirects"):
        upload_file(UploadOptions(file, "rows"), wires)
