"""How files are cut, and what is said of the parts: the store's own rules, typed by hand.

Covers: multipart.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from brightrun.multipart import digest_of_parts, part_bytes_for, part_sizes
from brightrun.training.protocol import StoredFile
from brightrun.training.uploading import CompleteRequest, Upload, UploadFile
from tests.support.factories import SHA256

MIB = 1024 * 1024
MOST_PARTS = 10_000  # typed out: S3's own limits are the oracle
LEAST_BYTES, MOST_BYTES = 5 * MIB, 5 * 1024 * MIB
SAID = {"name": "adapter", "size_bytes": 11 * MIB, "sha256": SHA256, "kind": "artifact"}
IN_PARTS = SAID | {"part_size_bytes": 5 * MIB, "parts": [SHA256] * 3}


@given(size=st.integers(1, 40 * 1024**4), preferred=st.integers(1, 512 * MIB))
def test_a_file_is_cut_as_storage_allows(size: int, preferred: int) -> None:
    part_bytes = part_bytes_for(size, preferred)

    assert LEAST_BYTES <= part_bytes <= MOST_BYTES
    assert -(-size // part_bytes) <= MOST_PARTS


@given(size=st.integers(0, 10**6), part=st.integers(1000, 10**5))
def test_parts_make_the_whole_and_only_the_last_is_shorter(size: int, part: int) -> None:
    sizes = part_sizes(size, part)

    assert sum(sizes.values()) == size
    assert list(sizes) == list(range(1, len(sizes) + 1))
    assert all(one == part for one in list(sizes.values())[:-1])
    assert all(0 < one <= part for one in sizes.values())


def test_the_largest_checkpoint_has_under_a_thousand_parts() -> None:
    assert part_bytes_for(60 * 1024 * MIB, 64 * MIB) == 64 * MIB
    assert len(part_sizes(60 * 1024 * MIB, 64 * MIB)) == 960


def test_the_digest_of_parts_is_the_one_storage_keeps() -> None:
    """sha256(sha256("a" * 5 MiB) + sha256("b" * 7)), as an S3 engine answered it."""
    parts = [
        "a29968fad2e782aa9f2040a35f05adb97ed8979eb1f572c8c8ea78637e275f3c",
        "ea415a61bd19915084366a0a2fdaebe070a9c3168877ecdb5e36f4905b5f8aa3",
    ]

    assert digest_of_parts(parts) == (
        "8282079b77ea7793a6aee02058413460fe5170e08d14f43f4e5677c2d6412a9d-2"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": [SHA256] * 2},
        {"parts": []},
        {"part_size_bytes": None},
        {"part_size_bytes": 5 * MIB - 1},
        {"part_size_bytes": 5 * 1024 * MIB + 1},
        {"parts": ["not a digest"] * 3},
        {"upload_id": "x" * 1025},
    ],
)
def test_parts_that_do_not_make_the_file_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        UploadFile.model_validate(IN_PARTS | wrong)


def test_a_file_is_completed_with_its_parts_and_its_upload() -> None:
    with pytest.raises(ValidationError):
        CompleteRequest.model_validate(IN_PARTS)
    with pytest.raises(ValidationError):
        CompleteRequest.model_validate(SAID | {"upload_id": "u"})
    assert CompleteRequest.model_validate(IN_PARTS | {"upload_id": "u"}).upload_id == "u"


def test_a_worker_of_an_earlier_version_meets_no_field_it_does_not_know() -> None:
    whole = Upload(name="a", url="https://s.test/a", headers={"x": "y"})
    stored = StoredFile(name="a", size_bytes=1, sha256=SHA256)

    assert whole.model_dump(mode="json").keys() == {"name", "url", "headers"}
    assert stored.model_dump(mode="json").keys() == {"name", "size_bytes", "sha256"}
