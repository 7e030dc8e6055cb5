"""`brightrun datasets upload FILE`: send a file, whole or in parts, and take up after a break."""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from rich.progress import Progress

from brightrun.training.configuration import OverLength

_BLOCK_BYTES = 1 << 20
_ATTEMPTS = 5
_POLL_SECONDS = 2.0
_SERVER_ERROR = 500
_EXPIRED = frozenset({400, 403})
"""S3 answers 400 `ExpiredToken` when the session that signed is over, and 403 for an old URL."""

T = TypeVar("T")


class UploadStopped(Exception):
    """The upload did not get through; the message says what helps."""


class _Expired(Exception):
    """A presigned address is not valid any more; a fresh one helps."""


@dataclass(frozen=True, slots=True)
class Wires:
    """What the upload talks to.

    Attributes:
        api: has the API's address and key.
        storage: has neither: presigned addresses need no key, and must not be shown ours.
    """

    api: httpx.Client
    storage: httpx.Client
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """What was asked for on the command line.

    Attributes:
        resume: id of a dataset whose upload broke off; only what is missing is sent.
        again: upload even if the same content is there already.
        wait: stay until the file has been validated.
    """

    path: Path
    name: str
    resume: str | None = None
    base_model: str | None = None
    over_length: OverLength = OverLength.REJECT
    again: bool = False
    wait: bool = True


class _Part(msgspec.Struct):
    number: int
    size_bytes: int
    url: str


class _Offer(msgspec.Struct):
    url: str | None
    headers: dict[str, str]
    parts: list[_Part] | None
    part_size_bytes: int | None


class _Dataset(msgspec.Struct):
    id: str
    status: str
    file_size: int
    error_message: str | None = None
    total_training_pairs: int = 0
    total_tokens: int = 0


class _Created(msgspec.Struct):
    dataset: _Dataset
    upload: _Offer
    duplicate_of: str | None = None


def upload_file(options: UploadOptions, wires: Wires) -> int:
    """Upload, confirm, and wait for the verdict; 0 when it is ready, 1 when it has errors.

    Safe to repeat: with `resume` only missing parts are sent, and confirming twice is harmless.

    Raises:
        OSError: the file cannot be read.
        UploadStopped: the API refused, or did not answer in five attempts.
    """
    size_bytes = options.path.stat().st_size
    if options.resume is None:
        created = _declare(options, wires, size_bytes)
        if created.duplicate_of is not None and not options.again:
            _call(wires, "DELETE", f"/api/datasets/{created.dataset.id}", dict[str, Any])
            _say(f"The same content is already there: dataset {created.duplicate_of}")
            return 0
        dataset_id, offer = created.dataset.id, created.upload
    else:
        dataset_id, offer = options.resume, None
        _require_same_size(dataset_id, wires, size_bytes)
    try:
        _send(options.path, size_bytes, wires, dataset_id, offer)
    except UploadStopped as stopped:
        again = f"brightrun datasets upload {options.path} --resume {dataset_id}"
        raise UploadStopped(f"{stopped}\nTo go on where it stopped: {again}") from stopped
    return _conclude(options, wires, dataset_id)


def _require_same_size(dataset_id: str, wires: Wires, size_bytes: int) -> None:
    begun = _call(wires, "GET", f"/api/datasets/{dataset_id}", _Dataset)
    if begun.file_size != size_bytes:
        told = f"{begun.file_size} bytes were declared, the file has {size_bytes}"
        raise UploadStopped(f"this is not the file that was begun: {told}")


def _declare(options: UploadOptions, wires: Wires, size_bytes: int) -> _Created:
    digest = hashlib.sha256()
    for block in _blocks(options.path, 0, size_bytes):
        digest.update(block)
    body = {
        "name": options.name,
        "file_name": options.path.name,
        "file_size": size_bytes,
        "sha256": digest.hexdigest(),
        "over_length": options.over_length,
        **({} if options.base_model is None else {"base_model": options.base_model}),
    }
    return _call(wires, "POST", "/api/datasets", _Created, body)


def _send(path: Path, size_bytes: int, wires: Wires, dataset_id: str, offer: _Offer | None) -> None:
    """Send what is missing, with a bar that starts at what is already there."""
    with Progress() as progress:
        bar = progress.add_task("uploading", total=size_bytes)

        def sent(done_bytes: int) -> None:
            progress.update(bar, completed=done_bytes)

        for _ in range(_ATTEMPTS):
            if offer is None:
                offer = _call(wires, "GET", f"/api/datasets/{dataset_id}/upload", _Offer)
            try:
                return _send_offered(path, size_bytes, wires, offer, sent)
            except _Expired:
                offer = None
    raise UploadStopped("the storage refuses the addresses that the API signs")


def _send_offered(
    path: Path, size_bytes: int, wires: Wires, offer: _Offer, sent: Callable[[int], None]
) -> None:
    if offer.parts is None or offer.part_size_bytes is None:
        _put(wires, offer.url or "", offer.headers, (path, 0, size_bytes))
        sent(size_bytes)
        return
    done_bytes = size_bytes - sum(part.size_bytes for part in offer.parts)
    for part in offer.parts:
        sent(done_bytes)
        start = (part.number - 1) * offer.part_size_bytes
        _put(wires, part.url, {}, (path, start, part.size_bytes))
        done_bytes += part.size_bytes
    sent(done_bytes)


def _put(wires: Wires, url: str, headers: dict[str, str], piece: tuple[Path, int, int]) -> None:
    path, start, size_bytes = piece
    sized = {**headers, "Content-Length": str(size_bytes)}

    def attempt() -> httpx.Response:
        return wires.storage.put(url, headers=sized, content=_blocks(path, start, size_bytes))

    answer = _persistently(attempt, wires.sleep)
    if answer.status_code in _EXPIRED:
        raise _Expired
    if answer.is_redirect:
        raise UploadStopped(
            f"the storage redirects: the URL names the wrong host ({httpx.URL(url).host})"
        )
    if not answer.is_success:
        raise UploadStopped(f"the storage answered {answer.status_code}")


def _conclude(options: UploadOptions, wires: Wires, dataset_id: str) -> int:
    where = f"/api/datasets/{dataset_id}"
    dataset = _call(wires, "POST", f"{where}/confirm", _Dataset)
    while options.wait and dataset.status in ("uploading", "validating"):
        wires.sleep(_POLL_SECONDS)
        dataset = _call(wires, "GET", where, _Dataset)
    _say(f"Dataset {dataset.id}: {dataset.status}")
    if dataset.status == "error":
        _say(f"{dataset.error_message}\nThe whole report: GET {where}/errors")
        return 1
    if dataset.status == "ready":
        pairs, tokens = dataset.total_training_pairs, dataset.total_tokens
        _say(f"{pairs:,} training pairs, {tokens:,} tokens")
    return 0


def _call(
    wires: Wires, method: str, path: str, kind: type[T], body: dict[str, object] | None = None
) -> T:
    """Return the data of the API's envelope."""
    answer = _persistently(lambda: wires.api.request(method, path, json=body), wires.sleep)
    if not answer.is_success:
        raise UploadStopped(_refusal(answer))
    return msgspec.convert(answer.json()["data"], kind)


def _refusal(answer: httpx.Response) -> str:
    """Return the API's own sentence, or the status when there is none."""
    try:
        told = answer.json()
    except ValueError:
        return f"the API answered {answer.status_code}"
    return f"{told.get('error')} ({told.get('code')})"


def _persistently(
    attempt: Callable[[], httpx.Response], sleep: Callable[[float], None]
) -> httpx.Response:
    """Repeat what a network may spoil; every call made here may come twice.

    Of a dataset declared twice, one is never uploaded, and expires.
    """
    failure = "no answer"
    for number in range(_ATTEMPTS):
        if number:
            sleep(2.0**number)
        try:
            answer = attempt()
        except httpx.TransportError as error:
            failure = str(error) or type(error).__name__
            continue
        if (
            answer.status_code < _SERVER_ERROR
            and answer.status_code != httpx.codes.TOO_MANY_REQUESTS
        ):
            return answer
        failure = f"status {answer.status_code}"
    raise UploadStopped(f"given up after {_ATTEMPTS} attempts: {failure}")


def _blocks(path: Path, start: int, size_bytes: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = size_bytes
        while left and (block := file.read(min(_BLOCK_BYTES, left))):
            left -= len(block)
            yield block


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
