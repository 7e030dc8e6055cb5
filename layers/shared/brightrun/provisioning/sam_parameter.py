"""The stage's parameter in `samconfig.toml`, in the one form that SAM's parser leaves whole. Pure.

`sam deploy` splits `parameter_overrides` at spaces and at quotes: JSON survives within single
quotes, `GpuEndpoints='{"H100":"abc"}'`, and becomes the one character `{` without them.
"""

import json
import re
import tomllib
from collections.abc import Mapping

_KEY = "parameter_overrides"
_WORD = re.compile(r"""(?:[^\s'"]|'[^']*'|"(?:\\.|[^"\\])*")+""")


class CannotWrite(ValueError):
    """The file has not the form that is understood here; the message says what to write by hand."""


def endpoints_parameter(endpoints: Mapping[str, str]) -> str:
    """Return the override that names a stage's endpoints, as it stands in the file."""
    value = json.dumps(dict(sorted(endpoints.items())), separators=(",", ":"))
    return f"GpuEndpoints='{value}'"


def with_endpoints(text: str, stage: str, endpoints: Mapping[str, str]) -> str:
    """Return `samconfig.toml` with a stage's endpoints named; everything else stays as it was.

    Raises:
        CannotWrite: there is no `[STAGE.deploy.parameters]` with `parameter_overrides`.
    """
    parameter = endpoints_parameter(endpoints)
    start, end, value = _overrides(text, stage, parameter)
    if isinstance(value, str):
        kept = [word for word in _words(value) if not word.startswith("GpuEndpoints=")]
        written: object = " ".join([*kept, parameter])
    else:
        kept = [word for word in value if not word.startswith("GpuEndpoints=")]
        written = [*kept, parameter]
    changed = f"{text[:start]}{_KEY} = {_toml(written)}{text[end:]}"
    if _told(changed, stage) != written:
        raise CannotWrite(f"samconfig.toml would not read back; write it by hand: {parameter}")
    return changed


def _overrides(text: str, stage: str, parameter: str) -> tuple[int, int, str | list[str]]:
    """Return where the assignment begins and ends, and its value."""
    by_hand = f"write it by hand into [{stage}.deploy.parameters]: {parameter}"
    header = re.search(rf"^\[{re.escape(stage)}\.deploy\.parameters\]\s*$", text, re.MULTILINE)
    if header is None:
        raise CannotWrite(f"samconfig.toml has no [{stage}.deploy.parameters]; {by_hand}")
    following = re.search(r"^\[", text[header.end() :], re.MULTILINE)
    until = header.end() + (following.start() if following else len(text) - header.end())
    found = re.compile(rf"^{_KEY}\s*=", re.MULTILINE).search(text, header.end(), until)
    if found is None:
        raise CannotWrite(f"[{stage}.deploy.parameters] has no {_KEY}; {by_hand}")
    end = found.start()
    while (end := text.find("\n", end + 1)) != -1:
        if (value := _value(text[found.start() : end])) is not None:
            return found.start(), end, value
    value = _value(text[found.start() :])
    if value is None:
        raise CannotWrite(f"samconfig.toml cannot be read; {by_hand}")
    return found.start(), len(text.rstrip("\n")), value


def _value(lines: str) -> str | list[str] | None:
    try:
        value = tomllib.loads(lines)[_KEY]
    except tomllib.TOMLDecodeError:
        return None
    return value if isinstance(value, str) else [str(word) for word in value]


def _told(text: str, stage: str) -> object:
    return tomllib.loads(text)[stage]["deploy"]["parameters"][_KEY]


def _words(overrides: str) -> list[str]:
    """Return the overrides one by one, each with the quotes it has."""
    return _WORD.findall(overrides)


def _toml(value: object) -> str:
    """Return a text or a list of texts as TOML; of ASCII, JSON's form is TOML's."""
    return json.dumps(value)
