"""A file that is something else is named once, with the command that converts it.

Covers: datasets.files.text_kind.
"""

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.validation.validator import validate

ROWS = st.lists(st.text(min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=5).map(
    lambda texts: [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "ho"}]}
        for text in texts
    ]
)
Rows = list[dict[str, object]]


def lines(rows: Rows) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def zipped(rows: Rows) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rows.jsonl", lines(rows))
    return packed.getvalue()


def tarred(rows: Rows) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo("rows.jsonl")
        info.size = len(lines(rows))
        archive.addfile(info, io.BytesIO(lines(rows)))
    return packed.getvalue()


def pretty(rows: Rows) -> bytes:
    return b"\n".join(json.dumps(row, indent=2).encode() for row in rows)


def as_csv(rows: Rows) -> bytes:
    return b"prompt,completion\n" + b"".join(b"Stop %d?,Line 1.\n" % at for at in range(len(rows)))


def headless_csv(rows: Rows) -> bytes:
    return b"".join(b'"Stop %d, then?",Line 1.\n' % at for at in range(len(rows) + 1))


def workbook(_: Rows) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
    return packed.getvalue()


def wrapped(rows: Rows) -> bytes:
    return json.dumps({"data": rows}, indent=2).encode()


def in_encoding(name: str) -> Callable[[Rows], bytes]:
    return lambda rows: lines(rows).decode().encode(name)


def page(rows: Rows) -> bytes:
    return b"\n<!DOCTYPE html>\n<html><body>" + lines(rows) + b"</body></html>"


KINDS: dict[str, tuple[Callable[[Rows], bytes], str]] = {
    "a zip archive": (zipped, "unzip"),
    "an xz file": (lambda rows: lzma.compress(lines(rows)), "xz -d"),
    "a bzip2 file": (lambda rows: bz2.compress(lines(rows)), "bzip2 -d"),
    "a gzip file inside": (lambda rows: gzip.compress(gzip.compress(lines(rows))), "gunzip"),
    "a tar archive": (tarred, "tar -xf"),
    "a Parquet file": (lambda rows: b"PAR1\x15\x04\x15" + lines(rows) + b"PAR1", "read_parquet"),
    "a Python pickle": (lambda rows: pickle.dumps(rows, protocol=4), "JSON Lines"),
    "an SQLite database": (lambda _: b"SQLite format 3\x00\x10\x00\n\n", "sqlite3 -json"),
    "text in UTF-16:": (in_encoding("utf-16"), "iconv -f UTF-16 "),
    "text in UTF-16LE": (in_encoding("utf-16-le"), "iconv -f UTF-16LE"),
    "text in UTF-16BE": (in_encoding("utf-16-be"), "iconv -f UTF-16BE"),
    "text in UTF-32:": (in_encoding("utf-32"), "iconv -f UTF-32 "),
    "text in UTF-32LE": (in_encoding("utf-32-le"), "iconv -f UTF-32LE"),
    "a web page": (page, "download the file itself"),
    "CSV": (as_csv, "read_csv"),
    "CSV: python": (headless_csv, "read_csv"),
    "CSV: python -c": (lambda rows: as_csv(rows).replace(b",", b";"), "sep=';'"),
    "a zip archive with nothing": (lambda _: b"PK\x05\x06" + bytes(18), "pack the file again"),
    "an Excel workbook": (workbook, "read_excel"),
    "an LZMA file": (lambda rows: lzma.compress(lines(rows), lzma.FORMAT_ALONE), "unlzma"),
    "zlib data": (lambda rows: zlib.compress(lines(rows)), "zlib.decompress"),
    "a Zstandard file": (lambda _: b"\x50\x2a\x4d\x18\x04\0\0\0abcd", "zstd -d"),
    "a file packed by compress": (lambda _: b"\x1f\x9d\x90abc\ndef", "uncompress"),
    "a NumPy array": (lambda _: b"\x93NUMPY\x01\x00v\x00{'descr'", "JSON Lines"),
    "the weights of a model": (lambda _: b"GGUF\x03\0\0\0" + bytes(40), "upload rows"),
    "a binary file": (lambda _: b"\x10\0\0\0\0\0\0\0" + bytes(range(40)), "JSON Lines"),
    "a pointer of Git LFS": (
        lambda _: b"version https://git-lfs.github.com/spec/v1\noid 1\n",
        "pull",
    ),
    "a JSON text sequence": (lambda rows: b"\x1e" + lines(rows).replace(b"\n", b"\n\x1e"), "tr -d"),
    "YAML": (lambda _: b"messages:\n  - role: user\n    content: hi\n", "yq"),
    "plain text": (lambda _: b"User: hi\nAssistant: hello\n", "one JSON object"),
    "JSON whose objects go on over several lines: jq -c '.data[]'": (wrapped, "jq -c"),
    "JSON whose objects go on over several lines": (pretty, "jq -c"),
}


@pytest.mark.parametrize("packed_too", [False, True], ids=["as it is", "in gzip"])
@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_gets_one_finding_that_helps(name: str, packed_too: bool) -> None:  # noqa: FBT001
    made, command = KINDS[name]
    if packed_too and name == "a gzip file inside":
        pytest.skip("three times in gzip")

    @settings(max_examples=10, deadline=None)
    @given(ROWS)
    def compare(rows: Rows) -> None:
        data = gzip.compress(made(rows)) if packed_too else made(rows)
        outcome = validate([data])

        (found,) = (each for each in outcome.report if each.code == "other_file_kind")
        assert found.message.startswith(f"this looks like {name}")
        assert command in found.message
        assert outcome.verdict.statistics.rows == outcome.verdict.statistics.rejected_rows == 1

    compare()


@settings(max_examples=25, deadline=None)
@given(ROWS, st.sampled_from(["lines", "array", "indented array"]), st.integers(1, 50))
def test_rows_are_never_taken_for_something_else(rows: Rows, shape: str, chunk_bytes: int) -> None:
    indent = 1 if shape == "indented array" else None
    data = lines(rows) if shape == "lines" else json.dumps(rows, indent=indent).encode()
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

    assert validate(chunks).verdict.statistics.rows == len(rows)
    assert "other_file_kind" not in validate(chunks).verdict.error_counts


def test_objects_over_several_lines_are_named_whatever_ends_the_lines() -> None:
    for end in (b"\r", b"\r\n"):
        data = pretty([{"messages": []}]).replace(b"\n", end)

        assert validate([data]).verdict.error_counts["other_file_kind"] == 1


def test_half_a_surrogate_pair_in_bytes_is_called_that() -> None:
    row = lines([{"messages": [{"role": "user", "content": "cut"}]}]).replace(
        b"cut", b"\xed\xa0\xbd"
    )
    (found,) = (each for each in validate([row]).report if each.line)

    assert found.code == "invalid_utf8"
    assert "half a surrogate pair" in found.message


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        (b'{"role": "user", "content": "q"}', "unknown_format", "a row is a whole conversation"),
        (b'[[{"from": "human", "value": "q"}]]', "not_object", "a row is a whole conversation"),
        (b'{"data": [{"prompt": "a", "completion": "b"}]}', "unknown_format", "jq -c '.data[]'"),
        (b'{"prompt": "a", "completion": "b"},\n{}', "not_json", "remove this comma"),
        (b'{"prompt": "a", "completion": "b"}\xe2\x80\xa8{}', "not_json", "line feed"),
    ],
)
def test_rows_that_are_put_together_in_another_way_are_told_what_helps(
    line: bytes, code: str, hint: str
) -> None:
    found = next(each for each in validate([line]).report if each.line)

    assert found.code == code
    assert hint in found.hint


def test_marks_at_the_start_are_passed_over_however_many_there_are() -> None:
    data = b"\xef\xbb\xbf" * 2 + lines([{"prompt": "a", "completion": "b"}])

    assert validate([data]).verdict.training_ready


def test_damaged_gzip_is_not_called_empty() -> None:
    packed = gzip.compress(lines([{"prompt": "a", "completion": "b"}]))
    broken = packed[:-8] + bytes(4) + packed[-4:]

    assert validate([broken]).verdict.error_counts == {"bad_gzip": 1}
