"""Files in parts through the real routes: all of it, or nothing.

moto takes any body for a part, so these tests show what our own comparisons find; that storage
itself refuses a wrong part is shown on the embedded engine (tests/stack).
"""

import pytest

from brightrun.errors import ArtifactCorrupt, Superseded, TooLarge, UploadIncomplete
from brightrun.multipart import GIB
from brightrun.ports.s3 import multipart, objects, staging
from brightrun.ports.s3.objects import Store
from brightrun.training.uploading import Upload, UploadFile, UploadsRequest
from functions.api.routes import worker as edge
from tests.support.datasets.large_files import LARGE, NAME, PART_BYTES, declared
from tests.support.factories import JOB_ID, SHA256
from tests.support.harness import Worker, World

KEY = f"staging/{JOB_ID}/1/{NAME}"


def asked(worker: Worker, file: UploadFile) -> Upload:
    answer = worker._say(edge.uploads, UploadsRequest(files=(file,)))
    (upload,) = answer.uploads
    assert isinstance(upload, Upload)
    return upload


def begun(worker: Worker, body: bytes = LARGE) -> tuple[UploadFile, Upload]:
    file = declared(NAME, body, in_parts=True)
    upload = asked(worker, file)
    return file.model_copy(update={"upload_id": upload.upload_id}), upload


# ---- sending


def test_each_part_is_bound_to_its_size_and_sha256(worker: Worker) -> None:
    _, upload = begun(worker)

    parts = upload.parts or ()
    assert upload.url is None
    assert [(part.number, part.headers["Content-Length"]) for part in parts] == [
        (1, "5242880"), (2, "5242880"), (3, "7"),
    ]  # fmt: skip
    assert parts[2].headers["x-amz-checksum-sha256"] == (
        "zU86+mmCk34fzCg8RR8c2dNo6Zi1VP97Buq+bnI6OcI="
    )
    signed = "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256"
    assert all(signed in part.url for part in parts)


def test_after_a_break_only_what_is_missing_is_signed_again(worker: Worker) -> None:
    file, upload = begun(worker)
    parts = upload.parts or ()
    worker.sends_parts(upload.model_copy(update={"parts": (parts[0], parts[2])}), file, LARGE)

    again = asked(worker, file)

    assert again.upload_id == upload.upload_id
    assert [part.number for part in again.parts or ()] == [2]


def test_one_answer_signs_a_hundred_parts_and_the_next_one_the_rest(worker: Worker) -> None:
    digests = (SHA256,) * 101
    size = 100 * PART_BYTES + 1
    said = {"name": NAME, "size_bytes": size, "sha256": SHA256, "kind": "artifact"}
    file = UploadFile.model_validate(said | {"part_size_bytes": PART_BYTES, "parts": digests})

    upload = asked(worker, file)

    assert [part.number for part in upload.parts or ()] == list(range(1, 101))


def test_parts_become_a_file_once_and_saying_so_again_finds_it(worker: Worker) -> None:
    """The answer of the first call was lost."""
    file, upload = begun(worker)
    worker.sends_parts(upload, file, LARGE)
    worker.joins(file, upload.upload_id or "")
    worker.joins(file, upload.upload_id or "")

    store = worker.world.deps.store
    assert b"".join(objects.read_chunks(store, KEY)) == LARGE
    assert asked(worker, file).parts == ()


def test_a_file_with_a_missing_part_is_not_joined(worker: Worker) -> None:
    file, upload = begun(worker)
    parts = upload.parts or ()
    worker.sends_parts(upload.model_copy(update={"parts": parts[:2]}), file, LARGE)

    with pytest.raises(UploadIncomplete) as refused:
        worker.joins(file, upload.upload_id or "")
    assert refused.value.details == {"missing_parts": [3]}
    assert objects.find_object(worker.world.deps.store, KEY) is None


def test_a_part_of_another_size_is_missing(worker: Worker) -> None:
    file, upload = begun(worker)
    worker.sends_parts(upload, file, LARGE[:-1])

    with pytest.raises(UploadIncomplete) as refused:
        worker.joins(file, upload.upload_id or "")
    assert refused.value.details == {"missing_parts": [3]}


def test_a_part_that_is_not_what_was_declared_makes_no_file(worker: Worker) -> None:
    file, upload = begun(worker)
    worker.sends_parts(upload, file, LARGE[:-1] + b"!")

    with pytest.raises(ArtifactCorrupt):
        worker.joins(file, upload.upload_id or "")


def test_a_part_too_many_does_not_become_part_of_the_file(worker: Worker) -> None:
    file, upload = begun(worker)
    worker.sends_parts(upload, file, LARGE)
    store = worker.world.deps.store
    store.client.upload_part(
        Bucket=store.bucket, Key=KEY, UploadId=upload.upload_id or "", PartNumber=4, Body=b"more"
    )

    worker.joins(file, upload.upload_id or "")

    found = objects.find_object(store, KEY)
    assert found is not None
    assert found.size_bytes == len(LARGE)


def test_an_upload_that_was_aborted_is_begun_again(worker: Worker) -> None:
    """The lifecycle rule takes what nobody completes; the worker asks without its id then."""
    file, upload = begun(worker)
    multipart.abort_parts(worker.world.deps.store, KEY, upload.upload_id or "")

    with pytest.raises(UploadIncomplete):
        asked(worker, file)
    with pytest.raises(UploadIncomplete):
        worker.joins(file, upload.upload_id or "")
    fresh = asked(worker, declared(NAME, LARGE, in_parts=True))
    assert len(fresh.parts or ()) == 3


def test_a_superseded_worker_may_neither_begin_nor_complete(world: World, worker: Worker) -> None:
    """It died for us in the middle of an upload; its parts never become a file."""
    file, upload = begun(worker)
    worker.sends_parts(upload, file, LARGE)
    worker.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)
    world.worker("run-2").start()

    with pytest.raises(Superseded):
        worker.joins(file, upload.upload_id or "")
    with pytest.raises(Superseded):
        asked(worker, file)
    assert objects.find_object(world.deps.store, KEY) is None


@pytest.mark.parametrize(
    ("kind", "limit_gib"), [("artifact", 10), ("checkpoint", 60)]
)  # fmt: skip
def test_a_file_over_its_limit_is_refused_before_a_byte_is_sent(
    store: Store, kind: str, limit_gib: int
) -> None:
    def of_size(size_bytes: int) -> UploadFile:
        part_bytes = 64 * 1024**2
        said = {"name": NAME, "size_bytes": size_bytes, "sha256": SHA256, "kind": kind}
        digests = [SHA256] * -(-size_bytes // part_bytes)
        return UploadFile.model_validate(said | {"part_size_bytes": part_bytes, "parts": digests})

    assert staging.grant(store, "staging/x", of_size(limit_gib * GIB)).parts
    with pytest.raises(TooLarge):
        staging.grant(store, "staging/x", of_size(limit_gib * GIB + 1))


def test_a_file_over_five_gibibytes_must_come_in_parts(store: Store) -> None:
    said = {"name": NAME, "sha256": SHA256, "kind": "checkpoint"}
    fits = UploadFile.model_validate(said | {"size_bytes": 5 * GIB})
    over = UploadFile.model_validate(said | {"size_bytes": 5 * GIB + 1})

    assert staging.grant(store, "staging/x", fits).url
    with pytest.raises(TooLarge):
        staging.grant(store, "staging/x", over)
