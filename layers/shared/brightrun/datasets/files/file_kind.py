"""Files that are something else: named, with the command that makes JSON Lines of them. Pure.

Judged by the first bytes, after gzip: a file of another kind gets one finding that helps, not one
for each line that its bytes happen to have.
"""

import zlib

from brightrun.datasets.files.text_kind import PANDAS, other_file, other_text
from brightrun.datasets.problems import Finding

HEAD_BYTES = 1 << 16
_LINES, _ROWS = "write its rows as JSON Lines", "upload rows of text"
# By their first bytes; the command is what most systems have.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive", "unzip FILE"),
    (b"PK\x05\x06", "a zip archive with nothing in it", "pack the file again"),
    (b"PK\x07\x08", "a part of a zip archive", "put its parts together, and unzip FILE"),
    (b"\xfd7zXZ\x00", "an xz file", "xz -d FILE"),
    (b"]\x00\x00", "an LZMA file", "unlzma -c FILE > rows.jsonl"),
    (b"LZIP", "an lzip file", "lzip -d FILE"),
    (b"\x89LZO", "an lzop file", "lzop -d FILE"),
    (b"\x1f\x9d", "a file packed by compress", "uncompress -c FILE > rows.jsonl"),
    (b"\xff\x06\x00\x00sNaPpY", "a Snappy file", "python -m snappy -d FILE rows.jsonl"),
    (b"BZh", "a bzip2 file", "bzip2 -d FILE"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "zstd -d FILE"),
    (b"\x04\x22\x4d\x18", "an LZ4 file", "lz4 -d FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "7z x FILE"),
    (b"Rar!\x1a\x07", "a RAR archive", "unrar x FILE"),
    (b"\x1f\x8b", "a gzip file inside a gzip file", "gunzip FILE.gz, once"),
    (
        b"PAR1",
        "a Parquet file",
        PANDAS.format("parquet"),
    ),
    (
        b"ARROW1",
        "an Arrow file",
        "python -c \"import datasets; datasets.Dataset.from_file('FILE').to_json('rows.jsonl')\"",
    ),
    (b"Obj\x01", "an Avro file", "avro-tools tojson FILE > rows.jsonl"),
    (b"SQLite format 3\x00", "an SQLite database", "sqlite3 -json FILE 'SELECT …' > rows.json"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _LINES),
    *((b"\x80" + bytes([version]), "a Python pickle", _LINES) for version in (2, 3, 4, 5)),
    (b"\x93NUMPY", "a NumPy array", _LINES),
    (b"\xff\xff\xff\xff", "an Arrow stream", _LINES),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook", PANDAS.format("excel")),
    (b"GGUF", "the weights of a model (GGUF)", "upload rows, not a model"),
    (b"%PDF", "a PDF", _LINES),
    (b"{\\rtf", "rich text", "save it as plain text, one JSON object on each line"),
    (b"\x89PNG", "an image", _ROWS),
    (b"\xff\xd8\xff", "an image", _ROWS),
    (b"GIF8", "an image", _ROWS),
    (b"RIFF", "a sound or a film", _ROWS),
    (b"\x7fELF", "a program", _ROWS),
)
_ENCODINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
# Two bits of the second byte are free, and both are divisible by 31 together (RFC 1950).
_ZLIB_STARTS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_UNZLIB = (
    'python -c "import sys, zlib; sys.stdout.buffer.write('
    "zlib.decompress(open('FILE', 'rb').read()))\" > rows.jsonl"
)
_SKIPPABLE = b"\x2a\x4d\x18"
"""Bytes two to four of a Zstandard frame that is to be passed over."""
_WORKBOOK = (b"[Content_Types].xml", b"xl/", b"_rels/.rels")
_TAR_SIGN, _TAR_PLACE = b"ustar", 257
_NUL_SHARE = 0.2


def other_kind(head: bytes) -> Finding | None:
    """Return what a file is instead of rows, or `None` if it may well hold rows."""
    packed = _packed(head)
    if packed is not None:
        return packed
    for magic, name, command in _MAGIC:
        if head.startswith(magic):
            return other_file(name, command)
    if head[_TAR_PLACE:].startswith(_TAR_SIGN):
        return other_file("a tar archive", "tar -xf FILE")
    encoding = _encoding(head)
    if encoding is not None:
        return other_file(f"text in {encoding}", f"iconv -f {encoding} -t UTF-8 FILE > rows.jsonl")
    if b"\x00" in head[:_TAR_PLACE]:
        return other_file("a binary file", _LINES)
    return other_text(head.decode(errors="replace"))


def _packed(head: bytes) -> Finding | None:
    """Return what is told by more than its first bytes."""
    if head.startswith(b"PK\x03\x04") and any(name in head[:200] for name in _WORKBOOK):
        return other_file("an Excel workbook or another office document", PANDAS.format("excel"))
    if head[1:4] == _SKIPPABLE and 0x50 <= head[0] <= 0x5F:  # noqa: PLR2004 - RFC 8878, 3.1.2
        return other_file("a Zstandard file", "zstd -d FILE")
    if head.startswith(_ZLIB_STARTS) and _unpacks(head):
        return other_file("zlib data without a gzip header", _UNZLIB)
    if head.startswith(b"ORC") and not head[:_TAR_PLACE].isascii():
        return other_file("an ORC file", PANDAS.format("orc"))
    return None


def _unpacks(head: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(head, 1))
    except zlib.error:
        return False


def _encoding(head: bytes) -> str | None:
    """Return the encoding of text that has a NUL in most of its characters."""
    for mark, name in _ENCODINGS:
        if head.startswith(mark):
            return name
    start = head[:1024]
    places = [start[at::4].count(0) / max(len(start[at::4]), 1) for at in range(4)]
    zero = [share > _NUL_SHARE for share in places]
    names: dict[tuple[bool, ...], str] = {
        (False, True, False, True): "UTF-16LE",
        (True, False, True, False): "UTF-16BE",
        (False, True, True, True): "UTF-32LE",
        (True, True, True, False): "UTF-32BE",
    }
    guess = names.get(tuple(zero))
    return guess if guess is not None and _is_text(start, guess) else None


def _is_text(start: bytes, encoding: str) -> bool:
    """Whether it reads as text; numbers in binary files have zeros at such places, too."""
    try:
        text = start[: len(start) // 4 * 4].decode(encoding)
    except UnicodeDecodeError:
        # The end may stand within a pair of surrogates.
        return encoding.startswith("UTF-16") and _is_text(start[:-4], encoding) if start else False
    return all(each.isprintable() or each.isspace() or each == "\ufeff" for each in text)
