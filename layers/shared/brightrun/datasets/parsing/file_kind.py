"""Files that are something else: named, with the command that makes JSON Lines of them. Pure.

Judged by the first bytes, after gzip: a file of another kind gets one finding that helps, not one
for each line that its bytes happen to have.
"""

import json
import re

import orjson

from brightrun.datasets.problems import Code, Finding

HEAD_BYTES = 1 << 16
_PANDAS = (
    "python -c \"import pandas; pandas.read_{}('FILE')"
    ".to_json('rows.jsonl', orient='records', lines=True, force_ascii=False)\""
)
# By their first bytes; the command is what most systems have.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive", "unzip FILE"),
    (b"\xfd7zXZ\x00", "an xz file", "xz -d FILE"),
    (b"BZh", "a bzip2 file", "bzip2 -d FILE"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "zstd -d FILE"),
    (b"\x04\x22\x4d\x18", "an LZ4 file", "lz4 -d FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "7z x FILE"),
    (b"Rar!\x1a\x07", "a RAR archive", "unrar x FILE"),
    (b"\x1f\x8b", "a gzip file inside a gzip file", "gunzip FILE.gz, once"),
    (
        b"PAR1",
        "a Parquet file",
        _PANDAS.format("parquet"),
    ),
    (
        b"ARROW1",
        "an Arrow file",
        "python -c \"import datasets; datasets.Dataset.from_file('FILE').to_json('rows.jsonl')\"",
    ),
    (b"Obj\x01", "an Avro file", "avro-tools tojson FILE > rows.jsonl"),
    (b"SQLite format 3\x00", "an SQLite database", "sqlite3 -json FILE 'SELECT …' > rows.json"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "write its rows as JSON Lines"),
    (b"\x80\x04\x95", "a Python pickle", "write its rows as JSON Lines"),
    (b"%PDF", "a PDF", "write its rows as JSON Lines"),
)
_ENCODINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_TAR_SIGN, _TAR_PLACE = b"ustar", 257
_NUL_SHARE = 0.2
_CSV_CELL = re.compile(r'\s*(?:"[^"]*"|[\w .()/#-]*)\s*')


def other_kind(head: bytes) -> Finding | None:
    """Return what a file is instead of rows, or `None` if it may well hold rows."""
    for magic, name, command in _MAGIC:
        if head.startswith(magic):
            return _finding(name, command)
    if head[_TAR_PLACE:].startswith(_TAR_SIGN):
        return _finding("a tar archive", "tar -xf FILE")
    encoding = _encoding(head)
    if encoding is not None:
        return _finding(f"text in {encoding}", f"iconv -f {encoding} -t UTF-8 FILE > rows.jsonl")
    if b"\x00" in head[:_TAR_PLACE]:
        return _finding("a binary file", "write its rows as JSON Lines")
    return _other_text(head.decode(errors="replace").lstrip())


def _finding(name: str, command: str) -> Finding:
    return Finding(Code.OTHER_FILE_KIND, detail=f"this looks like {name}: {command}")


def _encoding(head: bytes) -> str | None:
    """Return the encoding of text that has a NUL in most of its characters."""
    for mark, name in _ENCODINGS:
        if head.startswith(mark):
            return name
    start = head[:1024]
    places = [start[at::4].count(0) / max(len(start[at::4]), 1) for at in range(4)]
    zero = [share > _NUL_SHARE for share in places]
    names = {
        (False, True, False, True): "UTF-16LE",
        (True, False, True, False): "UTF-16BE",
        (False, True, True, True): "UTF-32LE",
        (True, True, True, False): "UTF-32BE",
    }
    return names.get((zero[0], zero[1], zero[2], zero[3]))


def _other_text(text: str) -> Finding | None:
    if text.startswith("<"):
        return _finding("a web page or XML", "download the file itself, not the page that shows it")
    if text.startswith("{"):
        return _over_lines(text)
    if not text.startswith("["):
        return _table(text)
    return None


def _over_lines(text: str) -> Finding | None:
    """Whether the first object goes on over several lines, and is whole."""
    line, broken, _ = text.partition("\n")
    if not broken or _is_json(line):
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        end = 0
    whole = "\n" in text[:end]
    if not whole and line.strip() != "{":
        return None
    return _finding("JSON whose objects go on over several lines", "jq -c . FILE > rows.jsonl")


def _is_json(line: str) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _table(text: str) -> Finding | None:
    """Whether the first lines are a header and a row of the same number of cells."""
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    for separator, name in ((",", "CSV"), ("\t", "a table between tabs"), (";", "CSV")):
        cells = lines[0].split(separator) if lines else []
        named = len(cells) > 1 and all(map(_CSV_CELL.fullmatch, cells))
        if named and len(lines) > 1 and separator in lines[1] and not _is_json(lines[1]):
            return _finding(name, _PANDAS.format("csv"))
    return None
