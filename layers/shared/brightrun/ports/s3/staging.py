"""What a worker may store, and whether it has come: a file by one PUT, a large one in parts.

Nothing is remembered between two calls: the worker names its upload, and the store knows what
has arrived. An id of another place is an upload that is not open here.
"""

from contextlib import suppress

from brightrun.errors import TooLarge, UploadIncomplete
from brightrun.multipart import digest_of_parts
from brightrun.ports.s3 import multipart, objects
from brightrun.ports.s3.multipart import Part
from brightrun.ports.s3.objects import Store
from brightrun.s3_keys import COPY_LIMIT_BYTES, LARGEST_ARTIFACT_BYTES, LARGEST_CHECKPOINT_BYTES
from brightrun.training.protocol import StoredFile
from brightrun.training.uploading import CompleteRequest, PartUpload, Upload, UploadFile

SIGNED_AT_ONCE = 100
"""Parts in one answer: two URLs of a role have 4 kB, and an hour must do for all."""
_TYPE = "application/octet-stream"


def grant(store: Store, key: str, file: UploadFile) -> Upload:
    """Return what may still be sent of one file; asking again signs again.

    Raises:
        TooLarge: no file of its kind may have that size, or it must come in parts.
        UploadIncomplete: the upload in parts is not open any more, and its file is not there.
    """
    largest = LARGEST_CHECKPOINT_BYTES if file.kind == "checkpoint" else LARGEST_ARTIFACT_BYTES
    limit = largest if file.parts else COPY_LIMIT_BYTES
    if file.size_bytes > limit:
        raise TooLarge(
            f"{file.name}: a file may have {limit} bytes",
            {"file_size": file.size_bytes, "max_file_size": limit},
        )
    if file.parts:
        return _grant_parts(store, key, file)
    signed = objects.sign_upload(store, key, size_bytes=file.size_bytes, sha256=file.sha256)
    return Upload(name=file.name, url=signed.url, headers=signed.headers)


def _grant_parts(store: Store, key: str, file: UploadFile) -> Upload:
    sizes, upload_id = file.part_sizes(), file.upload_id
    missing = list(sizes)
    if upload_id is None:
        upload_id = multipart.begin_parts(store, key, content_type=_TYPE, checksums=True)
    else:
        try:
            missing = _missing(file, multipart.arrived_parts(store, key, upload_id))
        except UploadIncomplete:
            if not _is_joined(store, key, file):
                raise
            missing = []
    offered = []
    for number in missing[:SIGNED_AT_ONCE]:
        size, sha256 = sizes[number], file.parts[number - 1]
        signed = multipart.sign_part(
            store, key, upload_id, number=number, size_bytes=size, sha256=sha256
        )
        offered.append(PartUpload(number=number, url=signed.url, headers=signed.headers))
    return Upload(name=file.name, upload_id=upload_id, parts=tuple(offered))


def join(store: Store, key: str, file: CompleteRequest) -> None:
    """Make the file of its parts, and compare what the store then keeps with what was declared.

    Safe to repeat, also at the same time: whoever finds the upload closed looks for the file.

    Raises:
        UploadIncomplete: parts are missing or differ, or the upload is not open any more and its
            file is not there.
        ArtifactCorrupt: the store made something else of the parts.
    """
    try:
        arrived = multipart.arrived_parts(store, key, file.upload_id)
        _require(file, arrived)
        declared = [part for part in arrived if part.number <= len(file.parts)]
        multipart.complete_parts(store, key, file.upload_id, declared)
    except UploadIncomplete:
        if not _is_joined(store, key, file):
            raise
    objects.check_object(store, key, as_stored(file))


def join_left(store: Store, key: str, file: StoredFile) -> None:
    """Make a file of parts that have all come and that nobody has joined; else change nothing.

    Its worker was cut off after the last part. Safe to repeat, also beside that worker.
    """
    if file.parts_sha256 is None or objects.find_object(store, key) is not None:
        return
    for upload_id in reversed(multipart.open_uploads(store, key)):
        with suppress(UploadIncomplete):  # somebody else was faster
            arrived = multipart.arrived_parts(store, key, upload_id)
            if _are_all(arrived, file):
                multipart.complete_parts(store, key, upload_id, arrived)
                return


def _are_all(arrived: list[Part], file: StoredFile) -> bool:
    """Whether these parts are the file, by their sizes and by the digest of their digests.

    Where an engine lists no checksums, the comparison of what was joined still finds a wrong part.
    """
    digests = tuple(part.sha256 for part in arrived if part.sha256 is not None)
    whole = sum(part.size_bytes for part in arrived) == file.size_bytes
    return whole and (not digests or digest_of_parts(digests) == file.parts_sha256)


def _require(file: UploadFile, arrived: list[Part]) -> None:
    missing = _missing(file, arrived)
    if missing:
        raise UploadIncomplete(
            f"{len(missing)} of {len(file.parts)} parts are missing", {"missing_parts": missing}
        )


def _missing(file: UploadFile, arrived: list[Part]) -> list[int]:
    """Return the numbers of parts that are not there as declared.

    Where an engine lists no checksums, the comparison of what was joined still finds a wrong part.
    """
    there = {part.number: part for part in arrived}
    return [
        number
        for number, size_bytes in file.part_sizes().items()
        if number not in there
        or there[number].size_bytes != size_bytes
        or there[number].sha256 not in {None, file.parts[number - 1]}
    ]


def _is_joined(store: Store, key: str, file: UploadFile) -> bool:
    found = objects.find_object(store, key)
    return found is not None and objects.is_as_declared(found, as_stored(file))


def as_stored(file: UploadFile) -> StoredFile:
    """Return a file as storage will have it once it has come."""
    return StoredFile(
        name=file.name,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        parts_sha256=digest_of_parts(file.parts) if file.parts else None,
    )
