"""Writing to whatever stdout is: any encoding, and a reader that may have gone."""

import io
import json
import os
import sys
from collections.abc import Callable
from typing import TextIO

import orjson


def shows(stream: TextIO, text: str) -> bool:
    """Whether a stream's encoding has these characters."""
    try:
        text.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def escape_what_cannot_be_shown() -> None:
    """Let both streams escape characters that their encoding lacks, rather than break on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printed(say: Callable[[], None]) -> None:
    """Call what prints; a closed pipe ends nothing.

    The exit status says what the file is worth, so it must not depend on who reads the report.
    """
    try:
        say()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def as_json(value: object) -> str:
    """Return a value as indented JSON, in ASCII where stdout is not UTF-8."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    if (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8":
        return text
    return json.dumps(orjson.loads(text), indent=2)
