"""`client.uploads`: the client's own chunked upload, with parts that fit through the function.

Covers: datasets.declaration, datasets.view.
"""

import hashlib
from pathlib import Path
from typing import Literal

import openai
import pytest

from brightrun.runtime import Deps
from tests.support.api.http_calls import BOB_CALLS
from tests.support.openai.client import Wire, a_client

PART_BYTES = 4 * 2**20
PURPOSE: Literal["fine-tune"] = "fine-tune"


def opened(client: openai.OpenAI, size: int):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the client's own type
    return client.uploads.create(
        bytes=size, filename="large.jsonl", mime_type="application/jsonl", purpose=PURPOSE
    )


@pytest.mark.parametrize("size", [PART_BYTES + 7, 66 * 2**20])
def test_the_clients_own_chunked_upload_arrives_whole(
    client: openai.OpenAI, tmp_path: Path, size: int
) -> None:
    """Above 64 MiB a dataset comes in parts of the store's own."""
    body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    file = tmp_path / "large.jsonl"
    file.write_bytes(body)

    upload = client.uploads.upload_file_chunked(
        file=file,
        mime_type="application/jsonl",
        purpose=PURPOSE,
        part_size=PART_BYTES,
        md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),
    )

    assert upload.file is not None
    assert (upload.status, upload.file.status, upload.file.bytes) == ("completed", "uploaded", size)
    assert client.files.content(upload.file.id).read() == body


def test_parts_are_joined_in_the_order_that_is_said(client: openai.OpenAI) -> None:
    upload = opened(client, 6)
    second = client.uploads.parts.create(upload.id, data=b"two")
    first = client.uploads.parts.create(upload.id, data=b"one")

    done = client.uploads.complete(upload.id, part_ids=[first.id, second.id])
    again = client.uploads.complete(upload.id, part_ids=[second.id])

    assert (upload.status, upload.object, first.upload_id) == ("pending", "upload", upload.id)
    assert done == again
    assert done.file is not None
    assert client.files.content(done.file.id).read() == b"onetwo"


def test_what_was_not_announced_is_not_joined(client: openai.OpenAI) -> None:
    upload = opened(client, 6)
    part = client.uploads.parts.create(upload.id, data=b"two")
    md5 = "0" * 32

    for part_ids in ([part.id], [part.id, "part_x"]):
        with pytest.raises(openai.BadRequestError) as refused:
            client.uploads.complete(upload.id, part_ids=part_ids)
        assert refused.value.param == "part_ids"
    with pytest.raises(openai.BadRequestError) as refused:
        client.uploads.complete(upload.id, part_ids=[part.id, part.id], md5=md5)
    assert refused.value.param == "md5"


def test_a_cancelled_upload_takes_nothing_more(client: openai.OpenAI) -> None:
    upload = opened(client, 6)

    assert client.uploads.cancel(upload.id).status == "cancelled"
    with pytest.raises(openai.NotFoundError):
        client.uploads.parts.create(upload.id, data=b"two")


def test_a_completed_upload_is_not_cancelled(client: openai.OpenAI) -> None:
    upload = opened(client, 3)
    part = client.uploads.parts.create(upload.id, data=b"one")
    client.uploads.complete(upload.id, part_ids=[part.id])

    with pytest.raises(openai.BadRequestError) as refused:
        client.uploads.cancel(upload.id)

    assert refused.value.code == "invalid_transition"


def test_a_part_that_is_too_large_or_a_file_above_the_limit_is_refused(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        opened(client, 513 * 2**20)
    assert refused.value.status_code == 413
    upload = opened(client, 6 * 2**20)
    with pytest.raises(openai.APIStatusError) as refused:
        client.uploads.parts.create(upload.id, data=b"x" * (PART_BYTES + 20_000))
    assert refused.value.status_code == 413


def test_anothers_upload_is_not_found(client: openai.OpenAI, deps: Deps) -> None:
    upload = opened(client, 6)

    with pytest.raises(openai.NotFoundError):
        a_client(Wire(deps, caller=BOB_CALLS)).uploads.parts.create(upload.id, data=b"two")
