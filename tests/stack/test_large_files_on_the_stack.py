"""A large file in parts on the embedded engine: real signatures, checksums, roles and functions."""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import httpx
import pytest

from brightrun.accounts.tokens import worker_token
from brightrun.errors import Superseded
from brightrun.jobs.change import unchanged
from brightrun.jobs.record import AttemptState, Job, JobStatus
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import change_job, read_state
from brightrun.ports.dynamodb.table import Table, all_records
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training.protocol import FinishRequest, JobInput, StoredFile
from brightrun.training.uploading import PartUpload
from brightrun.work import Work, work_of
from local import stack
from local.deploy import ENGINE_KEY, Aws
from local.settings import REGION, read_settings
from tests.support.factories import ADA, JOB_ID, a_job, an_attempt
from tests.support.stack.ports import NO_WORKER, own_settings
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.file_parts import MultipartPolicy, declare
from trainer_image.worker.uploads import store

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]
PART = 5 * 1024**2
CONTENT = b"a" * PART + b"b" * PART + b"c" * 9
NAME = "adapter_model.safetensors"
TOKEN = worker_token(JOB_ID, 1, "s" * 43)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    settings = own_settings(tmp_path_factory.mktemp("large"))
    yield stack.up(settings, [], leashed=True, worker=NO_WORKER)
    stack.down(settings)


@pytest.fixture(scope="module")
def table(running: stack.Stack) -> Table:
    """The deployed table, with a job at work on its first attempt."""
    resource = boto3.resource(
        "dynamodb",
        endpoint_url=running.settings.aws_url,
        region_name=REGION,
        aws_access_key_id=ENGINE_KEY,
        aws_secret_access_key=ENGINE_KEY,
    )
    table = Table(resource.meta.client, running.outputs["TableName"])
    job = a_job(status=JobStatus.RUNNING, attempt=1, reserved_artifact_id="large-model")
    attempt = an_attempt(token=TOKEN, state=AttemptState.STARTED, worker_id="worker-1")
    commit(table, [put_new(table, job), put_new(table, attempt)])
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("artifacts")
    for name in REQUIRED_FILES:
        (made / name).write_bytes(CONTENT if name == NAME else name.encode())
    return made


def worker_api(running: stack.Stack) -> WorkerApi:
    order = JobInput(job_id=JOB_ID, attempt=1, api_url=running.settings.front_url, token=TOKEN)
    return WorkerApi(order, cutting=MultipartPolicy(above_bytes=1024**2, part_bytes=PART))


@pytest.mark.usefixtures("table")
def test_a_part_is_bound_to_its_bytes_its_size_and_its_place(
    running: stack.Stack, folder: Path
) -> None:
    async def offered() -> tuple[PartUpload, ...]:
        api = worker_api(running)
        try:
            file = await declare(folder / NAME, api.cutting, kind="artifact", step=None)
            (upload,) = await api.uploads([file])
        finally:
            await api.close()
        return upload.parts or ()

    first, second, third = asyncio.run(offered())
    right = CONTENT[:PART]

    def put(part: PartUpload, body: bytes, like: PartUpload | None = None) -> int:
        headers = {**(like or part).headers, "Content-Length": str(len(body))}
        return httpx.put(part.url, content=body, headers=headers).status_code

    assert put(first, right[:-1] + b"!") == 400
    assert put(first, right[:-1]) == 403
    assert put(first, right, like=third) == 403
    assert put(second, right) == 400
    assert put(first, right) == 200


async def delivered(running: stack.Stack, folder: Path) -> tuple[StoredFile, ...]:
    api = worker_api(running)
    try:
        manifest = await store(api, folder, kind="artifact")
        verdict = FinishRequest(outcome="succeeded", execution_seconds=9, manifest=manifest)
        await api.finish(verdict)
    finally:
        await api.close()
    return manifest


def collectable(table: Table) -> None:
    """Do what process_jobs does when RunPod agrees."""
    change_job(
        table,
        ADA,
        JOB_ID,
        lambda state: (
            unchanged(state)
            .with_job(work=work_of(Work.COLLECT, JOB_ID), due_at=datetime.now(UTC))
            .with_attempt(state=AttemptState.ENDED, gpu_seconds=9.0)
        ),
    )


def collected(running: stack.Stack, table: Table) -> Job:
    function = running.outputs["CreateArtifactsFunctionName"]
    Aws(running.settings.aws_url).client("lambda").invoke(FunctionName=function, Payload=b"{}")
    return read_state(table, ADA, JOB_ID).job


def test_a_file_in_parts_becomes_a_file_of_a_verified_model(
    running: stack.Stack, table: Table, folder: Path
) -> None:
    manifest = asyncio.run(delivered(running, folder))
    collectable(table)
    job = collected(running, table)

    assert (job.status, job.last_error) == ("completed", None)
    (large,) = [file for file in manifest if file.parts_sha256]
    assert (large.name, (large.parts_sha256 or "")[-2:]) == (NAME, "-3")
    (model,) = all_records(table, keys.models(ADA), ModelArtifact)
    (kept,) = [file for file in model.manifest if file.name == NAME]
    assert kept.sha256 == hashlib.sha256(CONTENT).hexdigest()
    s3 = Aws(running.settings.aws_url).client("s3")
    there = s3.get_object(Bucket=running.outputs["BucketName"], Key=model.artifacts[NAME])
    assert there["Body"].read() == CONTENT


def test_the_worker_of_a_job_that_has_ended_is_given_no_part(
    running: stack.Stack, table: Table, folder: Path
) -> None:
    assert read_state(table, ADA, JOB_ID).job.has_ended

    with pytest.raises(Superseded):
        asyncio.run(delivered(running, folder))
