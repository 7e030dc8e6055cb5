"""The local stack as a whole: template.yaml deployed, seeded, stopped and found again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from brightrun.client import BrightRun
from local import stack
from local.deploy import Aws
from local.seed import credentials_file, signed_in
from local.settings import ADMIN_EMAIL, read_settings
from tests.support.stack.ports import NO_WORKER, eventually, own_settings

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]
ONE_ROW = (
    '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}\n'
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    settings = own_settings(tmp_path_factory.mktemp("local"))
    yield stack.up(settings, [], leashed=True, worker=NO_WORKER)
    stack.down(settings)


@pytest.fixture
def client(running: stack.Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.settings.front_url, timeout=60) as made:
        yield made


def test_the_owners_key_and_the_owners_token_open_the_same_door(
    running: stack.Stack, client: httpx.Client
) -> None:
    aws = Aws(running.settings.aws_url)
    token = signed_in(aws, running.outputs, ADMIN_EMAIL, running.credentials.password)
    by_key = client.get(
        "/api/api-keys", headers={"Authorization": f"Bearer {running.credentials.api_key}"}
    )
    by_token = client.get("/api/api-keys", headers={"Authorization": f"Bearer {token}"})

    assert by_key.status_code == 200
    assert by_key.json() == by_token.json()
    assert [key["name"] for key in by_key.json()["data"]["api_keys"]] == ["local stack"]


def test_without_a_token_the_refusal_has_our_own_shape(client: httpx.Client) -> None:
    answer = client.get("/api/datasets")

    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"


def test_a_forged_token_is_refused(running: stack.Stack, client: httpx.Client) -> None:
    aws = Aws(running.settings.aws_url)
    head, body, signature = signed_in(
        aws, running.outputs, ADMIN_EMAIL, running.credentials.password
    ).split(".")
    forged = f"{head}.{body}.{signature[:-8]}AAAAAAAA"
    answer = client.get("/api/datasets", headers={"Authorization": f"Bearer {forged}"})

    assert answer.status_code == 401


def test_the_first_start_tells_where_everything_is(running: stack.Stack) -> None:
    assert set(stack.status(running.settings)) == {"engine", "runpod"}
    assert None not in stack.status(running.settings).values()
    assert credentials_file(running.settings).stat().st_mode & 0o077 == 0


def test_an_upload_is_validated_without_waiting_for_the_minute(
    running: stack.Stack, tmp_path: Path
) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(ONE_ROW)
    with BrightRun(running.settings.front_url, running.credentials.api_key) as api:
        dataset_id = api.upload(file, name="one row").dataset.id
        eventually(lambda: api.datasets.read(dataset_id).status == "ready", 25)
        found = api.datasets.read(dataset_id)

    assert found.format == "openai_chat"
    assert found.total_training_pairs == 1


def test_a_second_start_keeps_what_runs_the_data_and_the_key(running: stack.Stack) -> None:
    before = stack.status(running.settings)
    again = stack.up(running.settings, [], leashed=True, worker=NO_WORKER)

    assert stack.status(running.settings) == before
    assert again.outputs == running.outputs
    assert again.credentials == running.credentials


def test_after_down_nothing_runs_and_the_next_start_finds_the_data(
    running: stack.Stack,
) -> None:
    settings = running.settings
    pids = [pid for pid in stack.status(settings).values() if pid]
    below = [child.pid for pid in pids for child in psutil.Process(pid).children(recursive=True)]
    stopped = stack.down(settings)
    alive = [pid for pid in (*pids, *below) if psutil.pid_exists(pid)]
    again = stack.up(settings, [], leashed=True, worker=NO_WORKER)

    assert stopped == ["runpod", "engine"]
    assert len(pids) == 2
    assert alive == []
    assert again.credentials.api_key == running.credentials.api_key


def test_a_port_that_someone_else_has_is_named(running: stack.Stack, tmp_path: Path) -> None:
    other = replace(own_settings(tmp_path), runpod_port=running.settings.front_port)

    with pytest.raises(stack.CannotStart, match=f"port {other.runpod_port}.*BRIGHTRUN_RUNPOD_PORT"):
        stack.up(other, [], leashed=True)
    assert set(stack.status(other).values()) == {None}
