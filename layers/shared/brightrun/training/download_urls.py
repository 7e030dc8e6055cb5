"""A result that lies at addresses: what a worker other than ours may say of its model. Pure.

It is the contract of the system that this one replaces: `{download_urls, model_metadata}`.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from brightrun.public_address import complaint_about
from brightrun.training.bounds import FILE_NAME, Label, WorkerMessage

LONGEST_URL = 4096
"""A URL signed by a role's session has up to 2 kB."""
MOST_FILES = 50


def _fetchable(url: str) -> str:
    complaint = complaint_about(url, most_characters=LONGEST_URL)
    if complaint is not None:
        raise ValueError(complaint)
    return url


class ModelMetadata(WorkerMessage):
    """What the worker says its files are; what it leaves out is not known."""

    base_model: Label | None = None
    adapter_type: Label | None = None


FileUrl = Annotated[str, AfterValidator(_fetchable)]
DownloadUrls = Annotated[
    dict[Annotated[str, Field(pattern=FILE_NAME)], FileUrl], Field(max_length=MOST_FILES)
]
"""File name → where it can be fetched: https, at a public host."""
