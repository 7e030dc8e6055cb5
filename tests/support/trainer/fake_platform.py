"""Our API and its storage as a worker sees them, in memory, strict about the protocol."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx
from pydantic import BaseModel

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import (
    BaseModelRef,
    Checkpoint,
    CheckpointRequest,
    Download,
    FinishRequest,
    JobInput,
    ReportRequest,
    StartAnswer,
    StartRequest,
    TrainingSpec,
)
from brightrun.training.uploading import (
    CompleteRequest,
    Upload,
    UploadFile,
    UploadsAnswer,
    UploadsRequest,
)
from tests.support.trainer.fake_parts import FakeParts, Refused

API = "https://api.test"
STORAGE = "https://storage.test"
TOKEN = "attempt-token-0001"
ORDER = JobInput(job_id="job-1", attempt=1, api_url=API, token=TOKEN)


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """A transport that has not read the request yet, unlike httpx's mock: it may break midway."""

    answer: Callable[[httpx.Request], Awaitable[httpx.Response]]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.answer(request)


@dataclass
class FakePlatform:
    """State is public: tests set it up and read it back."""

    spec: TrainingSpec
    dataset: bytes
    resume_from: Checkpoint | None = None
    superseded: bool = False
    revoked: bool = False
    stop_after_step: int | None = None
    deadline: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(hours=1))
    expired_downloads: int = 0
    damaged_downloads: bool = False
    refused_uploads: bool = False
    stuck_checkpoints: bool = False
    failing: dict[str, int] = field(default_factory=dict)
    losing: dict[str, int] = field(default_factory=dict)
    knows_parts: bool = True
    knows_ranges: bool = True
    cut_downloads_after: list[int] = field(default_factory=list)
    expire_after_downloads: int | None = None
    ranges: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    reports: list[ReportRequest] = field(default_factory=list)
    checkpoints: list[CheckpointRequest] = field(default_factory=list)
    finishes: list[FinishRequest] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    on_report: Callable[[ReportRequest], None] = lambda _report: None

    def __post_init__(self) -> None:
        self.parts = FakeParts(self.files)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return Wire(self.answer)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "storage.test":
            return await self._storage(request)
        call = request.url.path.removeprefix("/worker/v1/jobs/job-1/attempts/1/")
        self.calls.append(call)
        await request.aread()
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if self.failing.get(call, 0):
            self.failing[call] -= 1
            return httpx.Response(HTTPStatus.BAD_GATEWAY)
        if self.revoked:
            return _error(HTTPStatus.UNAUTHORIZED, "unauthenticated")
        if self.superseded:
            return _error(HTTPStatus.CONFLICT, "superseded")
        try:
            answer = getattr(self, f"_{call}")(request.content)
        except Refused as refusal:
            return _error(refusal.status, refusal.code)
        if self.losing.get(call, 0):
            self.losing[call] -= 1
            raise httpx.ReadError("the answer is lost", request=request)
        data = answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer
        return httpx.Response(200, json={"success": True, "data": data})

    def _start(self, body: bytes) -> StartAnswer:
        StartRequest.model_validate_json(body)
        return StartAnswer(
            dataset=self._download(),
            spec=self.spec,
            resume_from=self.resume_from,
            deadline=self.deadline,
            price_usd_per_second=0.001,
            report_interval_seconds=0.2,
        )

    def _download(self) -> Download:
        digest = hashlib.sha256(self.dataset).hexdigest()
        return Download(
            name="data.jsonl",
            size_bytes=len(self.dataset),
            sha256=digest,
            url=f"{STORAGE}/datasets/data.jsonl",
        )

    def _dataset(self, _body: bytes) -> Download:
        return self._download()

    def _report(self, body: bytes) -> dict[str, str | None]:
        report = ReportRequest.model_validate_json(body)
        self.reports.append(report)
        self.on_report(report)
        stop = self.stop_after_step is not None and report.step >= self.stop_after_step
        return {"action": "stop" if stop else "continue", "reason": "cancelled" if stop else None}

    def _uploads(self, body: bytes) -> UploadsAnswer:
        asked = UploadsRequest.model_validate_json(body)
        return UploadsAnswer(uploads=tuple(self._grant(file) for file in asked.files))

    def _grant(self, file: UploadFile) -> Upload:
        if file.parts and self.knows_parts:
            return self.parts.grant(file)
        url = f"{STORAGE}/staging/{file.kind}/{file.name}"
        return Upload(name=file.name, url=url, headers={"x-amz-checksum-sha256": file.sha256})

    def _complete(self, body: bytes) -> dict[str, bool]:
        self.parts.complete(CompleteRequest.model_validate_json(body))
        return {"recorded": True}

    def _checkpoint(self, body: bytes) -> dict[str, bool]:
        self.checkpoints.append(CheckpointRequest.model_validate_json(body))
        return {"recorded": True}

    def _finish(self, body: bytes) -> dict[str, bool]:
        self.finishes.append(FinishRequest.model_validate_json(body))
        return {"recorded": True}

    async def _storage(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        if request.method == "PUT" and request.url.path.startswith("/parts/"):
            return await self.parts.put(request)
        if request.method == "PUT":
            return await self._put(request)
        if self.expire_after_downloads == len(self.ranges):
            self.expired_downloads, self.expire_after_downloads = 1, None
        if self.expired_downloads:
            self.expired_downloads -= 1
            return httpx.Response(HTTPStatus.FORBIDDEN)
        if request.url.path == "/datasets/data.jsonl":
            damage = b"!" if self.damaged_downloads else b""
            return self._download_of(request, damage + self.dataset)
        stored = self.files.get(request.url.path.removeprefix("/staging/"))
        if stored is None:
            return httpx.Response(HTTPStatus.NOT_FOUND)
        return self._download_of(request, stored)

    def _download_of(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """Answer from the byte that was asked for; the connection may break on the way."""
        self.ranges.append(request.headers.get("Range", ""))
        first = int(self.ranges[-1].removeprefix("bytes=").removesuffix("-") or 0)
        first *= self.knows_ranges
        cut = self.cut_downloads_after.pop(0) if self.cut_downloads_after else None
        return httpx.Response(206 if first else 200, content=_stream(content[first:], cut))

    async def _put(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        assert int(request.headers["Content-Length"]) == len(content)
        if self.stuck_checkpoints and "/checkpoint/" in request.url.path:
            await asyncio.Event().wait()
        sound = hashlib.sha256(content).hexdigest() == request.headers["x-amz-checksum-sha256"]
        if self.refused_uploads or not sound:
            return httpx.Response(HTTPStatus.FORBIDDEN)
        self.files[request.url.path.removeprefix("/staging/")] = content
        return httpx.Response(200)

    def checkpoint_to_resume(self) -> Checkpoint:
        """Return the last recorded checkpoint as the next attempt is given it."""
        last = self.checkpoints[-1]
        return Checkpoint(
            step=last.step,
            files=tuple(
                Download(**file.model_dump(), url=f"{STORAGE}/staging/checkpoint/{file.name}")
                for file in last.files
            ),
        )


def a_spec() -> TrainingSpec:
    """Return what nobody trains: for tests of files alone."""
    return TrainingSpec(
        job_id="job-1",
        base_model=BaseModelRef(id="tiny/model", revision="0" * 40),
        hyperparameters=Hyperparameters(),
    )


def chat_rows(count: int) -> bytes:
    """Return `count` one-turn conversations in OpenAI's form."""
    rows = (
        {
            "messages": [
                {"role": "user", "content": f"What is {number} plus 1?"},
                {"role": "assistant", "content": f"The answer is {number + 1}."},
            ]
        }
        for number in range(count)
    )
    return "\n".join(json.dumps(row) for row in rows).encode()


async def _stream(content: bytes, cut_after: int | None = None) -> AsyncIterator[bytes]:
    yield content if cut_after is None else content[:cut_after]
    if cut_after is not None:
        raise httpx.ReadError("the connection broke")


def _error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": "no", "code": code, "details": None})
