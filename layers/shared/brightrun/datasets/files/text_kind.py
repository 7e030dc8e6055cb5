"""Text that is something else than rows: named, with the command that makes JSON Lines. Pure."""

import csv
import json
import re
from itertools import islice

import orjson

from brightrun.datasets.problems import Code, Finding

PANDAS = (
    "python -c \"import pandas; pandas.read_{}('FILE')"
    ".to_json('rows.jsonl', orient='records', lines=True, force_ascii=False)\""
)
_LFS_POINTER = "version https://git-lfs.github.com/spec/"
_RECORD_SEPARATOR = "\x1e"
_YAML = re.compile(r"(?:---\s*\n|%YAML)|(?:- )?[\w-]+:(?: [^{\[\n]*)?\n(?:\s*- |\s+)[\w-]+:")
_LOOKED_AT = 20
"""Lines, of text that has no brace in any of them."""
_TABLE_LINES = 3
_LONGEST_LIST = 1 << 16


def other_file(name: str, command: str) -> Finding:
    """Return the finding that names a file."""
    return Finding(Code.OTHER_FILE_KIND, detail=f"this looks like {name}: {command}")


def other_text(text: str) -> Finding | None:
    """Return what a text is instead of rows, or `None` if it may well hold rows."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \t\n")
    if text.startswith("<"):
        what = "download the file itself, not the page that shows it"
        return other_file("a web page or XML", what)
    if text.startswith(_LFS_POINTER):
        return other_file("a pointer of Git LFS, not the file itself", "git lfs pull")
    if text.startswith(_RECORD_SEPARATOR):
        return other_file("a JSON text sequence", "tr -d '\\036' < FILE > rows.jsonl")
    if text.startswith("{"):
        return _over_lines(text)
    return None if text.startswith("[") else _prose(text)


def _over_lines(text: str) -> Finding | None:
    """Whether the first object goes on over several lines, and is whole."""
    line, broken, _ = text.partition("\n")
    if not broken or _is_json(line):
        return None
    value: object = None
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        end = 0
    whole = "\n" in text[:end]
    if not whole and line.strip() != "{":
        return None
    key = list_inside(value) if isinstance(value, dict) else _first_list(text)
    command = f"jq -c '.{key}[]' FILE > rows.jsonl" if key else "jq -c . FILE > rows.jsonl"
    return other_file("JSON whose objects go on over several lines", command)


_FIRST_LIST = re.compile(r'\{\s*"(\w+)"\s*:\s*\[\s*\{\s*"(?!role"|from"|content"|value")')


def _first_list(text: str) -> str:
    """Return the key of a list of rows that an object begins with, where its end is not seen."""
    found = _FIRST_LIST.match(text)
    return found.group(1) if found else ""


def list_inside(value: dict[str, object]) -> str:
    """Return the key of the list of objects with lists that rows may stand in, or nothing."""
    for key, inner in value.items():
        if isinstance(inner, list) and inner and key.isidentifier():
            first = inner[0]
            if isinstance(first, dict) and not first.keys() & {"role", "from", "content", "value"}:
                return key
    return ""


def _is_json(line: str) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _prose(text: str) -> Finding | None:
    """Return what lines are of which none looks like JSON: a table, YAML, or plain text."""
    lines = [line for line in islice(text.split("\n"), _LOOKED_AT) if line.strip()]
    if not lines or _is_json(lines[0]):
        return None
    table = _table(lines[:_TABLE_LINES])
    if table is not None or len(lines) == 1 or any("{" in line for line in lines):
        return table
    if any(map(_is_json, lines)):
        return None
    if _YAML.match(text):
        return other_file("YAML", "yq -o=json -I=0 '.[]' FILE > rows.jsonl")
    return other_file("plain text", "write each example as one JSON object on a line of its own")


def _table(lines: list[str]) -> Finding | None:
    """Whether the first lines are records of the same number of cells."""
    for separator, name in (
        (",", "CSV"),
        ("\t", "a table between tabs"),
        (";", "CSV"),
        ("|", "CSV"),
    ):
        records = [*csv.reader(lines, delimiter=separator)]
        cells = len(records[0]) if records else 0
        even = all(len(record) == cells for record in records[1:])
        named = separator != "|" and _are_names(lines[0], separator)
        if cells > 1 and len(records) > 1 and (even or named) and not any(map(_is_json, lines)):
            wanted = "" if separator == "," else f", sep={separator!r}"
            command = PANDAS.replace("'FILE'", f"'FILE'{wanted}").format("csv")
            return other_file(name, command)
    return None


_CELL = re.compile(r'\s*(?:"[^"]*"|[\w .()/#-]*)\s*')


def _are_names(line: str, separator: str) -> bool:
    return all(map(_CELL.fullmatch, line.split(separator)))
