"""`brightrun users export|erase|purge` and `brightrun catalog`, on the real API in this process."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from brightrun.cli.exit_status import ExitStatus
from brightrun.cli.main import main
from brightrun.cli.session import Session
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.create_artifacts import app as create_artifacts
from tests.support.api.datasets import upload
from tests.support.api.http_calls import an_event, identity
from tests.support.factories import a_dataset, a_model

ADMIN = identity(user_id="root", admin="true")
Run = Callable[..., int]


def api_of(deps: Deps) -> httpx.MockTransport:
    """Return the way to the API, as an administrator."""

    def ask(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        route, query = f"{request.method} {request.url.path}", dict(request.url.params)
        told = handle(an_event(route, body, ADMIN, None, None, query), None, deps)
        headers = {name: str(value) for name, value in told["headers"].items()}
        return httpx.Response(told["statusCode"], text=told["body"], headers=headers)

    return httpx.MockTransport(ask)


def storage_of(deps: Deps) -> httpx.MockTransport:
    """Return the way to what presigned addresses name."""

    def ask(request: httpx.Request) -> httpx.Response:
        key = request.url.path.removeprefix("/storage").lstrip("/")
        if "Contents" not in deps.store.client.list_objects_v2(Bucket="storage", Prefix=key):
            return httpx.Response(404)
        body = deps.store.client.get_object(Bucket="storage", Key=key)["Body"].read()
        return httpx.Response(200, content=body)

    return httpx.MockTransport(ask)


@pytest.fixture
def deps(deps: Deps) -> Deps:
    create_dataset(deps.table, a_dataset())
    commit(deps.table, [put_new(deps.table, a_model())])
    upload(deps, a_dataset().storage_path, b"rows\n")
    for key in a_model().artifacts.values():
        upload(deps, key, key.encode())
    return deps


@pytest.fixture
def answers() -> list[str]:
    """What is typed at questions."""
    return []


@pytest.fixture
def brightrun(deps: Deps, tmp_path: Path, answers: list[str]) -> Run:
    def meanwhile(_: float) -> None:
        create_artifacts.handle({}, None, deps)

    session = Session(
        {"BRIGHTRUN_API_URL": "https://api.test", "BRIGHTRUN_API_KEY": "token"},
        tmp_path / "config.toml",
        transport=api_of(deps),
        storage_transport=storage_of(deps),
        sleep=meanwhile,
        ask=lambda _: answers.pop(0),
    )
    return lambda *words: main([str(word) for word in words], session)


def test_an_export_is_a_folder_with_records_and_files(brightrun: Run, tmp_path: Path) -> None:
    folder = tmp_path / "ada"

    assert brightrun("users", "export", "ada", folder) == 0
    records = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
    assert {"dataset", "model"} <= {record["kind"] for record in records}
    assert (folder / a_dataset().storage_path).read_bytes() == b"rows\n"
    for key in a_model().artifacts.values():
        assert (folder / key).read_bytes() == key.encode()


def test_a_file_that_is_not_there_is_told_and_the_rest_comes(
    brightrun: Run, deps: Deps, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deps.store.client.delete_object(Bucket="storage", Key=a_dataset().storage_path)
    folder = tmp_path / "ada"

    assert brightrun("users", "export", "ada", folder) == ExitStatus.NOT_GOOD
    assert f"not there: {a_dataset().storage_path}" in capsys.readouterr().err
    assert (folder / "models").exists()


def test_a_folder_with_something_in_it_is_left_alone(brightrun: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    assert brightrun("users", "export", "ada", tmp_path) == 2
    assert not (tmp_path / "records.jsonl").exists()


def test_a_user_is_erased_by_one_command(
    brightrun: Run, deps: Deps, answers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    answers.append("ada")

    assert brightrun("users", "erase", "ada", "--wait") == 0
    assert "erased" in capsys.readouterr().out
    assert deps.store.client.list_objects_v2(Bucket="storage").get("KeyCount") == 0
    assert brightrun("users", "erasure", "ada", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "erased"


def test_nothing_is_erased_by_a_slip_of_the_finger(
    brightrun: Run, deps: Deps, answers: list[str]
) -> None:
    answers.append("adda")

    assert brightrun("users", "erase", "ada") == 2
    assert deps.store.client.list_objects_v2(Bucket="storage").get("KeyCount") == 3


def test_what_was_deleted_is_purged(
    brightrun: Run, deps: Deps, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"DELETE /api/datasets/{a_dataset().id}"
    handle(an_event(path, None, identity(user_id="ada"), None, None, None), None, deps)

    assert brightrun("users", "purge", "ada", "--json") == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [a_dataset().id]


def test_the_catalogue_is_shown_changed_and_pushed(
    brightrun: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brightrun("catalog", "show") == 0
    document = json.loads(capsys.readouterr().out)
    document["gpus"][0]["prices"][0]["hourly_rate_usd"] = 2.74
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(document))

    assert brightrun("catalog", "push", file) == 0
    assert "version 1" in capsys.readouterr().out
    assert brightrun("catalog", "show", "--version", "1") == 0
    assert json.loads(capsys.readouterr().out) == document


def test_a_wrong_catalogue_is_refused_with_its_fields(
    brightrun: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "catalog.json"
    file.write_text('{"gpus": []}')

    assert brightrun("catalog", "push", file) == ExitStatus.REFUSED
    assert "document.base_models: Field required" in capsys.readouterr().err
    file.write_text("gpus: []")
    assert brightrun("catalog", "push", file) == 2


def test_whoever_has_no_key_is_told_what_to_do(tmp_path: Path) -> None:
    nobody = replace(Session({}, tmp_path / "none.toml"), environ={})

    assert main(["catalog", "show"], nobody) == 2
