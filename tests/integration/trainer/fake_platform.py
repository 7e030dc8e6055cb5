"""Our API and its storage as a worker sees them, in memory, strict about the protocol."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx
from pydantic import BaseModel

from brightrun.training.protocol import (
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
from brightrun.training.uploading import UploadsRequest

API = "https://api.test"
STORAGE = "https://storage.test"
TOKEN = "attempt-token-0001"
ORDER = JobInput(job_id="job-1", attempt=1, api_url=API, token=TOKEN)


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
    failing: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    reports: list[ReportRequest] = field(default_factory=list)
    checkpoints: list[CheckpointRequest] = field(default_factory=list)
    finishes: list[FinishRequest] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    on_report: Callable[[ReportRequest], None] = lambda _report: None

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "storage.test":
            return await self._storage(request)
        call = request.url.path.removeprefix("/worker/v1/jobs/job-1/attempts/1/")
        self.calls.append(call)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if self.failing.get(call, 0):
            self.failing[call] -= 1
            return httpx.Response(HTTPStatus.BAD_GATEWAY)
        if self.revoked:
            return _error(HTTPStatus.UNAUTHORIZED, "unauthenticated")
        if self.superseded:
            return _error(HTTPStatus.CONFLICT, "superseded")
        answer = getattr(self, f"_{call}")(request.content)
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

    def _uploads(self, body: bytes) -> dict[str, list[dict[str, object]]]:
        asked = UploadsRequest.model_validate_json(body)
        return {
            "uploads": [
                {
                    "name": file.name,
                    "url": f"{STORAGE}/staging/{file.kind}/{file.name}",
                    "headers": {"x-amz-checksum-sha256": file.sha256},
                }
                for file in asked.files
            ]
        }

    def _checkpoint(self, body: bytes) -> dict[str, bool]:
        self.checkpoints.append(CheckpointRequest.model_validate_json(body))
        return {"recorded": True}

    def _finish(self, body: bytes) -> dict[str, bool]:
        self.finishes.append(FinishRequest.model_validate_json(body))
        return {"recorded": True}

    async def _storage(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        if request.method == "PUT":
            return await self._put(request)
        if self.expired_downloads:
            self.expired_downloads -= 1
            return httpx.Response(HTTPStatus.FORBIDDEN)
        if request.url.path == "/datasets/data.jsonl":
            damage = b"!" if self.damaged_downloads else b""
            return httpx.Response(200, content=_stream(damage + self.dataset))
        stored = self.files.get(request.url.path.removeprefix("/staging/"))
        if stored is None:
            return httpx.Response(HTTPStatus.NOT_FOUND)
        return httpx.Response(200, content=_stream(stored))

    async def _put(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        assert int(request.headers["Content-Length"]) == len(content)
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


async def _stream(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": "no", "code": code, "details": None})
