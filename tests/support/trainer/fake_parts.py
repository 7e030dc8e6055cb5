"""Storage's side of uploads in parts, in memory: strict about size, checksum and being closed."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from brightrun.training.uploading import CompleteRequest, PartUpload, Upload, UploadFile
from trainer_image.worker.file_parts import MultipartPolicy

PART_BYTES = 5 * 1024**2
CUTTING = MultipartPolicy(above_bytes=1000, part_bytes=PART_BYTES)
PARTS = "https://storage.test/parts"


class Refused(Exception):
    """The API says no."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class FakeParts:
    """State is public: tests set it up and read it back.

    Attributes:
        on_put: sees the part's number and which try it is; may answer instead, or raise.
        puts: how often each part was sent to its end.
        at_once: the most parts that were on their way together.
        signed_at_once: fewer than a file has: a worker must ask for the rest.
    """

    files: dict[str, bytes]
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    declared: dict[str, UploadFile] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)
    puts: Counter[int] = field(default_factory=Counter)
    on_put: Callable[[int, int], httpx.Response | None] = lambda _number, _try: None
    cut: Callable[[int, int], bool] = lambda _number, _try: False
    expired: set[str] = field(default_factory=set)
    largest_bytes: int | None = None
    signed: int = 0
    signed_at_once: int = 2
    on_their_way: int = 0
    at_once: int = 0

    def grant(self, file: UploadFile) -> Upload:
        if self.largest_bytes is not None and file.size_bytes > self.largest_bytes:
            raise Refused(413, "too_large")
        upload_id = file.upload_id or f"upload-{len(self.declared) + 1}"
        if file.upload_id is None:
            self.uploads[upload_id] = {}
            self.declared[upload_id] = file
        elif upload_id not in self.uploads:
            raise Refused(409, "upload_incomplete")
        missing = [n for n in file.part_sizes() if n not in self.uploads[upload_id]]
        return Upload(
            name=file.name,
            upload_id=upload_id,
            parts=tuple(self._sign(upload_id, n, file) for n in missing[: self.signed_at_once]),
        )

    def _sign(self, upload_id: str, number: int, file: UploadFile) -> PartUpload:
        self.signed += 1
        return PartUpload(
            number=number,
            url=f"{PARTS}/{upload_id}/{number}?signed={self.signed}",
            headers={
                "Content-Length": str(file.part_sizes()[number]),
                "x-amz-checksum-sha256": file.parts[number - 1],
            },
        )

    def complete(self, file: CompleteRequest) -> None:
        parts = self.uploads.get(file.upload_id)
        if parts is None:
            if f"{file.kind}/{file.name}" in self.files:
                return
            raise Refused(409, "upload_incomplete")
        if set(parts) != set(file.part_sizes()):
            raise Refused(409, "upload_incomplete")
        del self.uploads[file.upload_id]
        self.files[f"{file.kind}/{file.name}"] = b"".join(parts[n] for n in sorted(parts))

    async def put(self, request: httpx.Request) -> httpx.Response:
        _, _, upload_id, name = request.url.path.split("/")
        number = int(name)
        self.tries[number] += 1
        self.on_their_way += 1
        self.at_once = max(self.at_once, self.on_their_way)
        try:
            return await self._put(request, upload_id, number)
        finally:
            self.on_their_way -= 1

    async def _put(self, request: httpx.Request, upload_id: str, number: int) -> httpx.Response:
        if self.cut(number, self.tries[number]):
            assert isinstance(request.stream, httpx.AsyncByteStream)
            await anext(aiter(request.stream))
            raise httpx.WriteError("the connection broke", request=request)
        content = await request.aread()
        if (instead := self.on_put(number, self.tries[number])) is not None:
            return instead
        said = self.declared[upload_id]
        sound = (
            str(request.url) not in self.expired
            and request.headers["x-amz-checksum-sha256"] == said.parts[number - 1]
            and hashlib.sha256(content).hexdigest() == said.parts[number - 1]
            and int(request.headers["Content-Length"]) == said.part_sizes()[number] == len(content)
        )
        if not sound or upload_id not in self.uploads:
            return httpx.Response(403)
        self.puts[number] += 1
        self.uploads[upload_id][number] = content
        return httpx.Response(200)


def a_sparse_file(folder: Path, size_bytes: int) -> Path:
    """Return a file of noughts that takes no room on the disk."""
    path = folder / "large.bin"
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path
