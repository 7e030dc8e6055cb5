"""Fetching: what a worker left at addresses is streamed into staging, in constant memory.

Safe to be killed at any byte: parts that have come are in the store, and which upload they are of
is written before the first of them. A file is known by its SHA-256 once it was read back whole.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from brightrun.errors import ArtifactCorrupt, UploadIncomplete
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.completion import fetching
from brightrun.jobs.record import FetchedParts
from brightrun.models.adapter_files import complaint_about_file
from brightrun.multipart import DATASET_PART_BYTES
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.ports.public_web import Incoming, PublicWeb, WebUnavailable, fetch_public
from brightrun.ports.s3 import multipart, objects
from brightrun.ports.s3.multipart import Part
from brightrun.ports.s3.verified_copy import sha256_of
from brightrun.runtime import Deps
from brightrun.s3_keys import staged
from brightrun.training.protocol import StoredFile

PART_BYTES = DATASET_PART_BYTES
"""What is held in memory of a file, twice over."""
_TYPE = "application/octet-stream"


class FetchFailed(Exception):
    """An address did not give its file; the words name file and host, never the address."""


class OutOfTime(Exception):
    """The pass has used its time; another goes on where it ended."""


def fetch_missing(deps: Deps, state: JobState, *, until: datetime) -> JobState:
    """Bring every file that is missing; what the state lacks afterwards, another pass will bring.

    Raises:
        FetchFailed: nothing came of a file in this pass.
        ArtifactCorrupt: what came is not what its name says.
    """
    if deps.web is None:
        raise FetchFailed("Nothing is fetched from other hosts here")
    for name, url in fetching.to_fetch(state.attempt).items():
        if deps.now() >= until:
            return state
        file = _Fetch(deps, deps.web, state, name, until)
        try:
            arrived = file.bring(url)
        except (WebUnavailable, OutOfTime) as error:
            return file.leave(error, host=urlsplit(url).hostname or "")
        state = _arrived(deps, state, arrived)
    return state


def _arrived(deps: Deps, state: JobState, file: StoredFile) -> JobState:
    return _change(deps, state, lambda now: fetching.arrived(now, deps.clock(), file))


def _change(deps: Deps, state: JobState, decide: Callable[[JobState], Change]) -> JobState:
    return change_job(deps.table, state.job.user_id, state.job.id, decide).after


class _Fetch:
    """One file on its way, and how far it has come."""

    def __init__(
        self, deps: Deps, web: PublicWeb, state: JobState, name: str, until: datetime
    ) -> None:
        attempt = state.attempt
        before = attempt.fetching if attempt else None
        self._deps, self._web, self._state, self._name, self._until = deps, web, state, name, until
        self._half_time = until - (until - deps.now()) / 2
        self._key = staged(state.job.id, state.job.attempt) + name
        self._most_bytes = fetching.most_bytes(attempt) if attempt else 0
        self._upload = before if before is not None and before.name == name else None
        self._best = self._upload.most_parts if self._upload else 0
        self._parts: list[Part] = []

    def bring(self, url: str) -> StoredFile:
        """Return the file once it lies in staging whole and was read back."""
        if self._upload is not None and self._is_joined(self._upload):
            return self._read_back()
        come = sum(part.size_bytes for part in self._parts)
        if not self._is_whole(come):
            known = self._upload.etag if self._upload else None
            with fetch_public(self._web, url, first_byte=come, etag=known) as incoming:
                small = self._take(incoming)
            if small is not None:
                return small
        if self._upload is None:
            raise WebUnavailable("the file is empty")
        multipart.complete_parts(self._deps.store, self._key, self._upload.upload_id, self._parts)
        return self._read_back()

    def leave(self, error: Exception, *, host: str) -> JobState:
        """Write down how far it has come, or say that nothing has."""
        why = str(error) or "the rest comes next"
        if len(self._parts) <= self._best:
            raise FetchFailed(f"{self._name} could not be fetched from {host}: {why}") from error
        deps, parts = self._deps, len(self._parts)
        return _change(
            deps,
            self._state,
            lambda now: fetching.moved_on(now, deps.clock(), parts=parts, why=why),
        )

    def _is_joined(self, upload: FetchedParts) -> bool:
        """Look what has come before; whether all of it has, and was joined."""
        store = self._deps.store
        try:
            self._parts = multipart.arrived_parts(store, self._key, upload.upload_id)
        except UploadIncomplete:
            if objects.find_object(store, self._key) is not None:
                return True
            self._upload = None
        return False

    def _is_whole(self, come: int) -> bool:
        """Whether every byte had come when an earlier pass was cut off before it joined them."""
        if self._upload is None or not self._parts:
            return False
        return come == self._upload.size_bytes or self._parts[-1].size_bytes < PART_BYTES

    def _take(self, incoming: Incoming) -> StoredFile | None:
        """Store what comes, part by part; a file of less than one part is stored whole."""
        self._require_same(incoming)
        if (incoming.size_bytes or 0) > self._most_bytes:
            raise self._too_large()
        for body in self._pieces(incoming):
            if self._upload is None and len(body) < PART_BYTES:
                return self._put(body)
            upload = self._upload or self._begin(incoming)
            self._parts.append(
                multipart.send_part(
                    self._deps.store, self._key, upload.upload_id, len(self._parts) + 1, body,
                    sha256=hashlib.sha256(body).hexdigest(),
                )
            )  # fmt: skip
        return None

    def _require_same(self, incoming: Incoming) -> None:
        """Parts of two contents make a third; a server that begins anew is taken at its word."""
        upload = self._upload
        if upload is None:
            return
        changed = incoming.first_byte == 0
        changed |= upload.etag is not None and incoming.etag not in {None, upload.etag}
        changed |= incoming.size_bytes not in {None, upload.size_bytes}
        if not changed:
            return
        multipart.abort_parts(self._deps.store, self._key, upload.upload_id)
        self._upload, self._parts = None, []
        if incoming.first_byte:
            raise WebUnavailable("its content is another now; it is fetched from its beginning")

    def _pieces(self, incoming: Incoming) -> Iterator[bytes]:
        waiting, come = bytearray(), incoming.first_byte
        for chunk in incoming.chunks:
            come += len(chunk)
            if come > self._most_bytes:
                raise self._too_large()
            waiting += chunk
            while len(waiting) >= PART_BYTES:
                yield bytes(waiting[:PART_BYTES])
                del waiting[:PART_BYTES]
            if self._deps.now() >= self._until:
                raise OutOfTime
        if incoming.size_bytes not in {None, come}:
            raise WebUnavailable(f"it ended after {come} of {incoming.size_bytes} bytes")
        if waiting:
            yield bytes(waiting)

    def _too_large(self) -> ArtifactCorrupt:
        return ArtifactCorrupt(f"{self._name} has more than the {self._most_bytes} bytes it may")

    def _begin(self, incoming: Incoming) -> FetchedParts:
        begun = FetchedParts(
            name=self._name,
            upload_id=multipart.begin_parts(
                self._deps.store, self._key, content_type=_TYPE, checksums=True
            ),
            size_bytes=incoming.size_bytes,
            etag=incoming.etag,
            most_parts=self._best,
        )
        _change(self._deps, self._state, lambda now: fetching.begun(now, begun))
        self._upload = begun
        return begun

    def _put(self, body: bytes) -> StoredFile:
        self._require_sense(body, len(body))
        objects.write_whole(self._deps.store, self._key, body, content_type=_TYPE)
        sha256 = hashlib.sha256(body).hexdigest()
        return StoredFile(name=self._name, size_bytes=len(body), sha256=sha256)

    def _read_back(self) -> StoredFile:
        """What came in parts has no SHA-256 yet: it is read once, by a pass that has the time."""
        if self._parts and self._deps.now() >= self._half_time:
            raise OutOfTime
        store = self._deps.store
        found = objects.find_object(store, self._key)
        if found is None:
            raise ArtifactCorrupt(f"{self._key} is missing")
        head = next(iter(objects.read_chunks(store, self._key)), b"")
        self._require_sense(head, found.size_bytes)
        digest = sha256_of(
            store, self._key, found.size_bytes, has_time=lambda: self._deps.now() < self._until
        )
        return StoredFile(
            name=self._name,
            size_bytes=found.size_bytes,
            sha256=digest,
            parts_sha256=found.parts_sha256,
        )

    def _require_sense(self, head: bytes, size_bytes: int) -> None:
        complaint = complaint_about_file(self._name, head, size_bytes)
        if complaint is not None:
            raise ArtifactCorrupt(f"{self._name} {complaint}")
