"""The worker's side of the protocol: calls to our API, and the files it grants.

Every call may be repeated. Answers of 409 `superseded` end the attempt; 5xx, 429 and broken
connections are tried again a bounded number of times. The token is never part of a message.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, RootModel, ValidationError

from brightrun.errors import Superseded
from brightrun.training.protocol import (
    CheckpointRequest,
    Download,
    FailureCode,
    FinishAnswer,
    FinishRequest,
    JobInput,
    ReportAnswer,
    ReportRequest,
    StartAnswer,
    StartRequest,
    Upload,
    UploadFile,
    UploadsAnswer,
    UploadsRequest,
)
from trainer_image.failures import RunFailed

TRIES = 6
"""Pauses double: from half a second on, the API has a quarter of a minute to come back."""
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
TRANSFER_TIMEOUT = httpx.Timeout(120.0, connect=10.0)
FILES_PER_REQUEST = 20
_BLOCK_BYTES = 1 << 20
_EXPIRED = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)

Answer = TypeVar("Answer", bound=BaseModel)


class ApiUnreachable(Exception):
    """No usable answer within all tries."""


class ApiRefused(Exception):
    """The API understood and said no; repeating does not help."""

    def __init__(self, call: str, status: int, code: str) -> None:
        super().__init__(f"{call} was refused: {status} {code}")
        self.code = code


class UrlExpired(Exception):
    """Storage does not accept the signed URL (any more)."""


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
    ) -> None:
        base = (
            f"{order.api_url.rstrip('/')}/worker/v1/jobs/{order.job_id}/attempts/{order.attempt}/"
        )
        self._pause_seconds = first_pause_seconds
        # no proxy and no .netrc: the token goes to our API and nowhere else
        self._api = httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": f"Bearer {order.token}"},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
        )
        # signed URLs carry their own permission: the token must not reach storage
        self._storage = httpx.AsyncClient(
            timeout=TRANSFER_TIMEOUT, transport=transport, trust_env=False
        )

    async def close(self) -> None:
        await self._api.aclose()
        await self._storage.aclose()

    async def start(self, request: StartRequest) -> StartAnswer:
        """Ask to be let in. Raises Superseded when another worker or attempt owns the job."""
        return await self._call("start", request, StartAnswer)

    async def report(self, request: ReportRequest) -> ReportAnswer:
        """Say what happened; one try, because the next report will carry it."""
        return await self._call("report", request, ReportAnswer, tries=1)

    async def dataset(self) -> Download:
        """Return a fresh URL for the dataset."""
        return await self._call("dataset", None, Download)

    async def record_checkpoint(self, request: CheckpointRequest) -> None:
        """Say that all files of a checkpoint are stored."""
        await self._call("checkpoint", request, _Anything)

    async def finish(self, request: FinishRequest) -> FinishAnswer:
        """Say how it ended."""
        return await self._call("finish", request, FinishAnswer)

    async def store(self, folder: Path, files: Sequence[UploadFile]) -> None:
        """Upload `files`, found in `folder` by name, through signed PUTs.

        Raises:
            RunFailed: `UPLOAD_FAILED` when storage keeps refusing a file.
        """
        for start in range(0, len(files), FILES_PER_REQUEST):
            await self._store(folder, tuple(files[start : start + FILES_PER_REQUEST]))

    async def fetch(self, file: Download, path: Path) -> None:
        """Download one file and compare its size and SHA-256; on error nothing is left.

        Raises:
            UrlExpired: storage refuses the URL.
            RunFailed: `DATASET_CHECKSUM` when what arrives is not what was declared.
            ApiUnreachable: the connection keeps breaking.
        """
        for pause in self._pauses(TRIES):
            try:
                await self._fetch_once(file, path)
            except (httpx.TransportError, RunFailed) as error:
                _remove(path)
                if pause is None:
                    raise _final(error, f"download of {file.name}") from error
                await asyncio.sleep(pause)
            else:
                return

    async def _fetch_once(self, file: Download, path: Path) -> None:
        digest, size = hashlib.sha256(), 0
        async with self._storage.stream("GET", file.url) as response:
            if response.status_code in _EXPIRED:
                raise UrlExpired
            if response.is_error:
                message = f"storage answered {response.status_code}"
                raise httpx.ReadError(message)
            with path.open("wb") as target:
                async for block in response.aiter_raw(_BLOCK_BYTES):
                    target.write(block)
                    digest.update(block)
                    size += len(block)
        if (size, digest.hexdigest()) != (file.size_bytes, file.sha256):
            raise RunFailed(
                FailureCode.DATASET_CHECKSUM,
                f"{file.name} arrived with {size} of {file.size_bytes} bytes or another checksum",
            )

    async def _store(self, folder: Path, files: tuple[UploadFile, ...]) -> None:
        """A URL that storage refuses is asked for again: it may have been signed long ago."""
        left = {file.name: file for file in files}
        for pause in self._pauses(TRIES):
            asked = UploadsRequest(files=tuple(left.values()))
            granted = (await self._call("uploads", asked, UploadsAnswer)).uploads
            for upload in granted:
                with suppress(httpx.TransportError):
                    if upload.name in left and await self._put(folder / upload.name, upload):
                        del left[upload.name]
            if not left:
                return
            if pause is not None:
                await asyncio.sleep(pause)
        raise RunFailed(
            FailureCode.UPLOAD_FAILED, f"storage did not accept {', '.join(sorted(left))}"
        )

    async def _put(self, path: Path, upload: Upload) -> bool:
        size = str(_size_bytes(path))
        response = await self._storage.put(
            upload.url,
            content=_blocks(path),
            headers={**upload.headers, "Content-Length": size},
        )
        return response.is_success

    async def _call(
        self,
        call: str,
        request: BaseModel | None,
        answer: type[Answer],
        tries: int = TRIES,
    ) -> Answer:
        body = "{}" if request is None else request.model_dump_json()
        for pause in self._pauses(tries):
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

    def _pauses(self, tries: int) -> list[float | None]:
        """Return the pause after each try; None after the last one."""
        return [*(self._pause_seconds * 2**n for n in range(tries - 1)), None]


def _may_pass(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _read(call: str, response: httpx.Response, answer: type[Answer]) -> Answer:
    if response.is_error:
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


def _final(error: Exception, what: str) -> Exception:
    return error if isinstance(error, RunFailed) else ApiUnreachable(f"{what}: {error}")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _size_bytes(path: Path) -> int:
    return path.stat().st_size


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block
