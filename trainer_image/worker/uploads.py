"""Files on their way to storage: small ones by one PUT each, a large one in parts.

Each PUT is bound to size and SHA-256, so what arrives is what was declared. A part is sent again
by itself; what has arrived is never sent twice. Bounded: a round in which nothing arrives counts,
and a few of them in a row end it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import httpx

from brightrun.errors import TooLarge, UploadIncomplete
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import StoredFile
from brightrun.training.uploading import CompleteRequest, PartUpload, Upload, UploadFile
from trainer_image.ipc.failures import RunFailed
from trainer_image.worker.api_client import ApiRefused, WorkerApi
from trainer_image.worker.file_parts import FilePart, declare
from trainer_image.worker.signed_urls import UrlExpired

FILES_PER_REQUEST = 20
PARTS_AT_ONCE = 4
PART_TRIES = 3
"""With one URL; then a fresh one is asked for."""


async def store(
    api: WorkerApi,
    folder: Path,
    *,
    kind: Literal["artifact", "checkpoint"],
    step: int | None = None,
) -> tuple[StoredFile, ...]:
    """Upload every file of `folder` and return the list.

    Raises:
        RunFailed: `UPLOAD_FAILED` when storage keeps refusing a file; `BAD_CONFIGURATION` when one
            is larger than may be stored.
    """
    paths = await asyncio.to_thread(_files_of, folder)
    files = [await declare(path, api.cutting, kind=kind, step=step) for path in paths]
    whole = [file for file in files if not file.parts]
    for start in range(0, len(whole), FILES_PER_REQUEST):
        await _store_whole(api, folder, whole[start : start + FILES_PER_REQUEST])
    for file in files:
        if file.parts:
            await _InParts(api, folder / file.name, file).send()
    return tuple(StoredFile.model_validate(file.model_dump()) for file in files)


def _files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


async def _store_whole(api: WorkerApi, folder: Path, files: Sequence[UploadFile]) -> None:
    """A URL that storage refuses is asked for again: it may have been signed long ago."""
    left = {file.name: file for file in files}
    for pause in api.pauses():
        for upload in await _asked(api, tuple(left.values())):
            file = left.get(upload.name)
            if file and await _put_whole(api, folder / file.name, file, upload):
                del left[upload.name]
        if not left:
            return
        if pause is not None:
            await asyncio.sleep(pause)
    raise _refused(*sorted(left))


async def _asked(api: WorkerApi, files: Sequence[UploadFile]) -> tuple[Upload, ...]:
    """Return what may be sent; a file over the limit will be so on every GPU: that is final."""
    try:
        return await api.uploads(files)
    except ApiRefused as refusal:
        if refusal.code != TooLarge.code:
            raise
        largest = max(files, key=lambda file: file.size_bytes)
        message = f"{largest.name} has {largest.size_bytes} bytes, over the limit: lower the rank"
        raise RunFailed(FailureCode.BAD_CONFIGURATION, message) from refusal


async def _put_whole(api: WorkerApi, path: Path, file: UploadFile, upload: Upload) -> bool:
    piece = FilePart(path, 0, file.size_bytes)
    with suppress(httpx.TransportError, UrlExpired):
        await api.storage.put(piece, upload.url or "", upload.headers)
        return True
    return False


class _InParts:
    """One file in parts, and how far it has come."""

    def __init__(self, api: WorkerApi, path: Path, file: UploadFile) -> None:
        self._api, self._path, self._file = api, path, file
        self._is_stored = False

    async def send(self) -> None:
        """Send what is missing until nothing is, and have it joined."""
        pauses = self._api.pauses()
        while not self._is_stored:
            if await self._advance():
                pauses = self._api.pauses()
                continue
            pause = pauses.pop(0)
            if pause is None:
                raise _refused(self._file.name)
            await asyncio.sleep(pause)

    async def _advance(self) -> bool:
        """Ask, and send what is offered; when all has come, have it joined. False: to no avail.

        An answer offers the first of the missing parts. Asking again offers the next ones, or the
        same ones under fresh URLs.
        """
        upload = await self._offer()
        if upload is None:
            return False
        if upload.parts is None:  # an API of an earlier version takes the file whole
            self._is_stored = await _put_whole(self._api, self._path, self._file, upload)
            return self._is_stored
        if upload.parts:
            return await self._send(upload.parts)
        return await self._join()

    async def _offer(self) -> Upload | None:
        """Return what may be sent; None when the upload is closed and must be begun again."""
        try:
            (upload,) = await _asked(self._api, [self._file])
        except ApiRefused as refusal:
            if refusal.code != UploadIncomplete.code:
                raise
            self._file = self._file.model_copy(update={"upload_id": None})
            return None
        self._file = self._file.model_copy(update={"upload_id": upload.upload_id})
        return upload

    async def _send(self, offered: Sequence[PartUpload]) -> bool:
        """Return whether any part came through."""
        gate = asyncio.Semaphore(PARTS_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            sending = [tasks.create_task(self._send_part(part, gate)) for part in offered]
        return any(task.result() for task in sending)

    async def _send_part(self, part: PartUpload, gate: asyncio.Semaphore) -> bool:
        part_bytes = self._file.part_size_bytes or 0
        start = (part.number - 1) * part_bytes
        piece = FilePart(self._path, start, min(part_bytes, self._file.size_bytes - start))
        async with gate:
            for pause in self._api.pauses(PART_TRIES):
                try:
                    await self._api.storage.put(piece, part.url, part.headers)
                except UrlExpired:
                    break
                except httpx.TransportError:
                    if pause is not None:
                        await asyncio.sleep(pause)
                else:
                    return True
        return False

    async def _join(self) -> bool:
        try:
            await self._api.complete(CompleteRequest.model_validate(self._file.model_dump()))
        except ApiRefused as refusal:
            if refusal.code != UploadIncomplete.code:
                raise
            return False
        self._is_stored = True
        return True


def _refused(*names: str) -> RunFailed:
    message = f"storage did not accept {', '.join(names)}"
    return RunFailed(FailureCode.UPLOAD_FAILED, message)
