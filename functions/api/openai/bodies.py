"""The bodies of `/v1`: JSON, and forms with a file in them."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.request import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_form

from brightrun.errors import InvalidRequest
from functions.api.errors import Refusal
from functions.api.request_bodies import raw_body, refuse_unless_json

MOST_FILE_BYTES = 4 * 1024**2
"""Lambda takes 6 MB a call, and a file comes as Base64: a third more."""
_MOST_ELSE_BYTES = 16 * 1024
_FORM = "multipart/form-data"
_FILE_NAME = re.compile(rb'filename="([^"\r\n]{1,255})"')


@dataclass
class Form:
    """What a form held."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def file(self, name: str) -> tuple[str, bytes]:
        """Return a file's name and bytes. Raises InvalidRequest when the form has no such file."""
        if name not in self.files:
            raise InvalidRequest({name: ["is missing: send it as a file of a multipart form"]})
        return self.files[name]


def refusal_of_body(event: Mapping[str, Any]) -> Refusal | None:
    """Return how a body is refused that no route of `/v1` may read; None when one may."""
    if not event.get("body") or not _is_form(event):
        return refuse_unless_json(event)
    try:
        body = raw_body(event)
    except ValueError:
        return Refusal(HTTPStatus.BAD_REQUEST, "invalid_request", "the body is not Base64")
    if len(body) <= MOST_FILE_BYTES + _MOST_ELSE_BYTES:
        return None
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", _too_large(body))


def _too_large(body: bytes) -> str:
    """Say what to write instead: the client has a call that cuts files."""
    found = _FILE_NAME.search(body[:_MOST_ELSE_BYTES])
    name = found[1].decode(errors="replace") if found else "training.jsonl"
    return (
        f"a request may carry a file of {MOST_FILE_BYTES} bytes; write instead: "
        f'client.uploads.upload_file_chunked(file="{name}", mime_type="application/jsonl", '
        'purpose="fine-tune", part_size=4 * 2**20).file'
    )


def _is_form(event: Mapping[str, Any]) -> bool:
    return str(event["headers"].get("content-type", "")).startswith(_FORM)


def _sent_form(request: Request) -> Form:
    event = request.resolved_event
    if not _is_form(event):
        raise InvalidRequest({"body": [f"must be {_FORM}"]})
    form = Form()

    def on_field(found: Field) -> None:
        form.fields[_text(found.field_name)] = _text(found.value)

    def on_file(found: File) -> None:
        found.file_object.seek(0)
        form.files[_text(found.field_name)] = (_text(found.file_name), found.file_object.read())
        found.close()

    headers = {"Content-Type": event["headers"]["content-type"].encode()}
    try:
        parse_form(headers, io.BytesIO(raw_body(event)), on_field, on_file)
    except (FormParserError, UnicodeDecodeError) as error:
        raise InvalidRequest({"body": [f"is no readable form: {error}"]}) from error
    return form


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode()


SentForm = Annotated[Form, Depends(_sent_form)]
"""The form a request carries; raises InvalidRequest for what is none."""
