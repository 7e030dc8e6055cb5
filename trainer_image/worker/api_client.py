"""The worker's side of the protocol: one method for each call to our API.

Every call may be repeated. Answers of 409 `superseded` end the attempt; 5xx, 429 and broken
connections are tried again a bounded number of times. The token is never part of a message.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, RootModel, ValidationError

from brightrun.errors import Superseded
from brightrun.training.protocol import (
    Checkpoint,
    CheckpointRequest,
    Download,
    FinishAnswer,
    FinishRequest,
    JobInput,
    ReportAnswer,
    ReportRequest,
    StartAnswer,
    StartRequest,
)
from brightrun.training.uploading import (
    CompleteRequest,
    Upload,
    UploadFile,
    UploadsAnswer,
    UploadsRequest,
)
from trainer_image.worker.file_parts import MultipartPolicy
from trainer_image.worker.signed_urls import Storage

TRIES = 6
"""Pauses double: from half a second on, the API has a quarter of a minute to come back."""
DELIVERY_TRIES = 24
"""While a trained model waits to be delivered the API has nineteen minutes: to train again on
another GPU costs more, and counts as an attempt."""
_LONGEST_PAUSE = 128
"""Times the first one: a minute."""
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

_CUTTING = MultipartPolicy()

Answer = TypeVar("Answer", bound=BaseModel)


class ApiUnreachable(Exception):
    """No usable answer within all tries."""


class ApiRefused(Exception):
    """The API understood and said no; repeating does not help."""

    def __init__(self, call: str, status: int, code: str) -> None:
        super().__init__(f"{call} was refused: {status} {code}")
        self.code = code


class _Envelope(BaseModel):
    """What every successful answer is wrapped in; its other fields do not matter here."""

    data: Any = None


class _Error(BaseModel):
    code: str = "unknown"


class _Anything(RootModel[Any]):
    """The answer of a call that has nothing to say."""


class WorkerApi:
    """Our API for one attempt, and the storage behind its signed URLs."""

    def __init__(
        self,
        order: JobInput,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        first_pause_seconds: float = 0.5,
        cutting: MultipartPolicy = _CUTTING,
    ) -> None:
        base = (
            f"{order.api_url.rstrip('/')}/worker/v1/jobs/{order.job_id}/attempts/{order.attempt}/"
        )
        self._pause_seconds = first_pause_seconds
        self.cutting = cutting
        self._introduction: StartRequest | None = None
        self._tries = TRIES
        # no proxy and no .netrc: the token goes to our API and nowhere else
        self._api = httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": f"Bearer {order.token}"},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
        )
        self.storage = Storage(transport)

    async def close(self) -> None:
        await self._api.aclose()
        await self.storage.close()

    def wait_longer(self) -> None:
        """From here on an outage of the API is waited for: see `DELIVERY_TRIES`."""
        self._tries = DELIVERY_TRIES

    async def start(self, request: StartRequest) -> StartAnswer:
        """Ask to be let in. Raises Superseded when another worker or attempt owns the job."""
        self._introduction = request
        return await self._call("start", request, StartAnswer)

    async def report(self, request: ReportRequest, *, tries: int = 1) -> ReportAnswer:
        """Say what happened; one try, because the next report will carry it."""
        return await self._call("report", request, ReportAnswer, tries=tries)

    async def dataset(self) -> Download:
        """Return a fresh URL for the dataset."""
        return await self._call("dataset", None, Download)

    async def resume_from(self) -> Checkpoint | None:
        """Return fresh URLs for the checkpoint to go on from: `start` lets the same one in again.

        Raises:
            Superseded: another worker or attempt owns the job by now.
        """
        return (await self._call("start", self._introduction, StartAnswer)).resume_from

    async def uploads(self, files: Sequence[UploadFile]) -> tuple[Upload, ...]:
        """Return where these files may be sent, signed now."""
        request = UploadsRequest(files=tuple(files))
        return (await self._call("uploads", request, UploadsAnswer)).uploads

    async def complete(self, request: CompleteRequest) -> None:
        """Have a file joined whose parts are all stored."""
        await self._call("complete", request, _Anything)

    async def record_checkpoint(self, request: CheckpointRequest) -> None:
        """Say that all files of a checkpoint are stored."""
        await self._call("checkpoint", request, _Anything)

    async def finish(self, request: FinishRequest) -> FinishAnswer:
        """Say how it ended."""
        return await self._call("finish", request, FinishAnswer)

    async def _call(
        self,
        call: str,
        request: BaseModel | None,
        answer: type[Answer],
        tries: int | None = None,
    ) -> Answer:
        body = "{}" if request is None else request.model_dump_json()
        for pause in self.pauses(tries or self._tries):
            try:
                response = await self._api.post(
                    call, content=body, headers={"Content-Type": "application/json"}
                )
            except httpx.TransportError as error:
                if pause is None:
                    raise ApiUnreachable(f"{call}: {type(error).__name__}") from error
            else:
                if not _may_pass(response.status_code):
                    return _read(call, response, answer)
                if pause is None:
                    raise ApiUnreachable(f"{call}: {response.status_code}")
            await asyncio.sleep(pause)
        raise AssertionError  # pragma: no cover - the last pause is None

    def pauses(self, tries: int = TRIES) -> list[float | None]:
        """Return the pause after each try; None after the last one."""
        longer = (min(2**n, _LONGEST_PAUSE) for n in range(tries - 1))
        return [*(self._pause_seconds * times for times in longer), None]


def _may_pass(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _read(call: str, response: httpx.Response, answer: type[Answer]) -> Answer:
    if not response.is_success:
        code = "unknown"
        with suppress(ValidationError):
            code = _Error.model_validate_json(response.content).code
        if code == Superseded.code:
            raise Superseded("a newer attempt, or another worker, owns this job")
        raise ApiRefused(call, response.status_code, code)
    try:
        envelope = _Envelope.model_validate_json(response.content)
        return answer.model_validate(envelope.data)
    except ValidationError as error:
        raise ApiUnreachable(f"{call}: an answer this image does not understand") from error
