"""A whole pipeline in one process: a pretended AWS and RunPod, and a clock we move.

The functions, routes and rules are the real ones; what is pretended is what costs money. For
tests of one thread at a time: moto's transactions are not atomic across threads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from brightrun.accounts.record import CostRecord
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import Attempt, Job
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import create_job, read_state
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import all_records, numbers
from brightrun.ports.runpod.jobs import RunPod
from brightrun.runtime import Deps
from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training import protocol, uploading
from brightrun.work import Work, work_of
from functions.api.routes import worker as edge
from functions.api.worker_protocol import WorkersAttempt
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from tests.support.datasets.large_files import declared
from tests.support.factories import ADA, JOB_ID, NOON, a_job
from tests.support.workers.pretended_runpod import PretendedRunPod, Run


@dataclass
class Clock:
    """The time, moved by hand; sleeping moves it too."""

    now: datetime = NOON

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Worker:
    """A GPU worker that speaks the protocol through the real routes."""

    world: "World"
    run: Run
    worker_id: str = "worker-1"
    sequence: int = -1

    @property
    def job_id(self) -> str:
        return str(self.run.input["job_id"])

    @property
    def attempt(self) -> int:
        return int(self.run.input["attempt"])

    def start(self, said: protocol.StartRequest | None = None) -> protocol.StartAnswer:
        if self.run.status == "IN_QUEUE":
            self.run.status = "IN_PROGRESS"
        hello = protocol.StartRequest(external_job_id=self.run.id, worker_id=self.worker_id)
        answer: protocol.StartAnswer = self._say(edge.start, said or hello)
        return answer

    def report(self, **said: Any) -> protocol.ReportAnswer:
        self.sequence += 1
        known = {"sequence": self.sequence, "stage": "training"} | said
        report = protocol.ReportRequest.model_validate(known)
        answer: protocol.ReportAnswer = self._say(edge.report, report)
        return answer

    def trains(self, steps: range, *, seconds: float = 0.0) -> protocol.ReportAnswer:
        """Report some steps whose loss falls from 3 towards 0.3."""
        points = [
            protocol.Point(
                step=step, epoch=step / 10, timestamp=self.world.clock.now,
                training_loss=0.3 + 2.7 / step,
            )
            for step in steps
        ]  # fmt: skip
        return self.report(points=points, step=steps[-1], total_steps=10, execution_seconds=seconds)

    def stores(
        self, names: dict[str, bytes], *, step: int | None = None, in_parts: bool = False
    ) -> list[Any]:
        """Ask for uploads, put the files where they may be put, and have parts joined."""
        files = [declared(name, body, step=step, in_parts=in_parts) for name, body in names.items()]
        asked = uploading.UploadsRequest(files=tuple(files))
        answer: uploading.UploadsAnswer = self._say(edge.uploads, asked)
        for file, upload in zip(files, answer.uploads, strict=True):
            if upload.parts is None:
                self.world.put_by_url(upload.url or "", names[file.name])
            else:
                self.sends_parts(upload, file, names[file.name])
                self.joins(file, upload.upload_id or "")
        return [protocol.StoredFile.model_validate(file.model_dump()) for file in files]

    def begins(
        self, name: str, body: bytes, *, step: int
    ) -> tuple[uploading.UploadFile, uploading.Upload]:
        """Ask for the parts of a checkpoint's file and send none."""
        file = declared(name, body, step=step, in_parts=True)
        asked = uploading.UploadsRequest(files=(file,))
        answer: uploading.UploadsAnswer = self._say(edge.uploads, asked)
        return file, answer.uploads[0]

    def sends_parts(
        self, upload: uploading.Upload, file: uploading.UploadFile, body: bytes
    ) -> None:
        """Put every part that is offered."""
        size = file.part_size_bytes or 0
        for part in upload.parts or ():
            self.world.put_by_url(part.url, body[(part.number - 1) * size :][:size])

    def joins(self, file: uploading.UploadFile, upload_id: str) -> None:
        """Say that all parts have come."""
        said = {**file.model_dump(), "upload_id": upload_id}
        self._say(edge.complete, uploading.CompleteRequest.model_validate(said))

    def checkpoints(self, step: int, *, in_parts: bool = False) -> None:
        files = self.stores({"state.safetensors": b"state"}, step=step, in_parts=in_parts)
        said = protocol.CheckpointRequest(step=step, files=tuple(files))
        self._say(edge.checkpoint, said)

    def finishes(self, *, seconds: float = 100.0, **said: Any) -> None:
        """Store all files of a model and say that it succeeded, then leave."""
        manifest = self.stores({name: name.encode() for name in REQUIRED_FILES})
        known = {"outcome": "succeeded", "execution_seconds": seconds, "manifest": manifest}
        self.tells(protocol.FinishRequest.model_validate(known | said))
        self.leaves(seconds)

    def fails(self, code: str, *, seconds: float = 100.0) -> None:
        error = {"code": code, "message": f"because of {code}"}
        known = {"outcome": "failed", "execution_seconds": seconds, "error": error}
        self.tells(protocol.FinishRequest.model_validate(known))
        self.leaves(seconds)

    def tells(self, verdict: protocol.FinishRequest) -> None:
        """Say how it ended."""
        self._say(edge.finish, verdict)

    def leaves(self, seconds: float, status: str = "COMPLETED") -> None:
        """RunPod sees it end after so many seconds of GPU."""
        self.run.execution_ms = int(seconds * 1000)
        self.run.status = status

    def _say(self, route: Callable[..., Any], said: Any) -> Any:
        """Call a route as this attempt's worker and return what it answers."""
        held = WorkersAttempt(ADA, self.job_id, self.attempt)
        asked = partial(route, self.world.deps, held, self.job_id, self.attempt, said)
        return self.world.ask(route.__name__, asked)


@dataclass
class World:
    """Everything there is; `tick` is what the schedules do."""

    deps: Deps
    clock: Clock
    runpod: PretendedRunPod
    job_id: str = JOB_ID
    through: Callable[[str, Callable[[], Any]], Any] = lambda _, call: call()
    """What every call to the API and every upload passes on its way."""

    def ask(self, name: str, route: Callable[[], Any]) -> Any:
        """Return what a route answers."""
        return self.through(f"api.{name}", lambda: getattr(route(), "data", None))

    def queue_job(self, **job: Any) -> Job:
        created = a_job(work=work_of(Work.DISPATCH, JOB_ID), due_at=self.clock.now, **job)
        create_job(self.deps.table, created, unchanged(JobState(created)), [], max_active=20)
        return created

    def tick(self) -> None:
        process_jobs.run_pass(self.deps)
        create_artifacts.handle({}, None, self.deps)

    def wait(self, seconds: float) -> None:
        """Let time pass, with a tick at its end."""
        self.clock.pass_by(seconds)
        self.tick()

    def state(self) -> JobState:
        return read_state(self.deps.table, ADA, self.job_id)

    def job(self) -> Job:
        return self.state().job

    def worker(self, run_id: str, worker_id: str = "worker-1") -> Worker:
        return Worker(self, self.runpod.runs[run_id], worker_id)

    def models(self) -> list[ModelArtifact]:
        return all_records(self.deps.table, keys.models(ADA), ModelArtifact)

    def costs(self) -> list[CostRecord]:
        return all_records(self.deps.table, keys.costs(ADA), CostRecord)

    def attempts(self) -> list[Attempt]:
        return all_records(self.deps.table, keys.attempts(self.job_id), Attempt)

    def story(self) -> list[str]:
        lines = all_records(self.deps.table, keys.events(self.job_id), JobEvent)
        return [line.type for line in lines]

    def messages(self) -> list[str]:
        """Return what the job's history says, line by line."""
        lines = all_records(self.deps.table, keys.events(self.job_id), JobEvent)
        return [line.message for line in lines]

    def counts(self, kind: Kind = Kind.JOB) -> dict[str, int]:
        sums = numbers(self.deps.table, keys.counts(ADA, kind))
        return {name: int(n) for name, n in sums.items() if n}

    def put_by_url(self, url: str, body: bytes) -> None:
        """Do what a worker's PUT does; in process, what the URL names is enough."""
        signed = httpx.URL(url)
        key = signed.path.removeprefix(f"/{self.deps.store.bucket}").lstrip("/")
        upload_id, number = signed.params.get("uploadId"), signed.params.get("partNumber")
        if number in {None, "None"}:
            self.through("storage.put", lambda: self.put(key, body))
            return
        store = self.deps.store
        part: dict[str, Any] = {"UploadId": upload_id, "PartNumber": int(number), "Body": body}
        self.through(
            "storage.put",
            lambda: store.client.upload_part(Bucket=store.bucket, Key=key, **part),
        )

    def put(self, key: str, body: bytes) -> None:
        """Lay an object into storage with its checksum."""
        store = self.deps.store
        store.client.put_object(Bucket=store.bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256")


def a_world(deps: Deps) -> World:
    """Return a world at noon with nothing in it."""
    clock = Clock()
    runpod = PretendedRunPod(now=lambda: clock.now)
    client = httpx.Client(
        transport=httpx.MockTransport(runpod.handle), base_url="https://runpod.test"
    )
    wired = replace(
        deps,
        runpod=RunPod(client, lambda _: None),
        now=lambda: clock.now,
        sleep=clock.pass_by,
    )
    return World(wired, clock, runpod)
