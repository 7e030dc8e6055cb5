"""What people call their things: as it reads, and of no more length than a list can show. Pure."""

from typing import Annotated

from pydantic import AfterValidator, Field

from brightrun.plain_text import is_plain, readable


def _plain(name: str) -> str:
    if not is_plain(name):
        raise ValueError("may not hold control or invisible characters, nor blanks alone")
    return name


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Description = Annotated[str, Field(max_length=2000), AfterValidator(readable)]
FileName = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f]+$"), AfterValidator(_plain)
]
