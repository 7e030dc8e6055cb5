"""The small files of a base model from the Hugging Face Hub, at one revision, by plain https.

Source: https://huggingface.co/docs/hub/models-downloading: `/{model}/resolve/{revision}/{file}`;
404 for a file that is not there, 401 or 403 for a gated model and a token that has not its licence.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from brightrun.training.model_entry import HubFacts

HUB = "https://huggingface.co"
_TRIES = 3
_REFUSED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})


class HubRefused(Exception):
    """The Hub does not give the file; the message says what helps."""


class HubUnreachable(Exception):
    """No usable answer in three tries."""


@dataclass(frozen=True)
class Hub:
    """A client that follows redirects, its base address the Hub's or a mirror's."""

    http: httpx.Client
    sleep: Callable[[float], None]


def fetch_files(
    hub: Hub, model_id: str, revision: str, names: Iterable[str], *, limit_bytes: int
) -> dict[str, bytes]:
    """Return those of the named files that the revision has.

    Raises:
        HubRefused: the model is gated or unknown, or a file is larger than the limit.
        HubUnreachable: no usable answer.
    """
    found = {}
    for name in names:
        content = _fetched(hub, f"/{model_id}/resolve/{revision}/{name}", limit_bytes)
        if content is not None:
            found[name] = content
    return found


def read_facts(hub: Hub, model_id: str, revision: str, *, limit_bytes: int) -> HubFacts:
    """Return what the Hub says of a model; a branch's name becomes the commit it stands for.

    Raises:
        HubRefused: it is unknown or gated, or its weights are not counted.
        HubUnreachable: no usable answer.
    """
    path = f"/api/models/{model_id}/revision/{revision}"
    content = _fetched(hub, path, limit_bytes)
    if content is None:
        raise HubRefused(f"the Hub has no {model_id} at {revision}")
    try:
        told = json.loads(content)
        return HubFacts(
            model_id, str(told["sha"]), int(told["safetensors"]["total"]), _license(told)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise HubRefused(f"the Hub does not count the weights of {model_id}") from error


def _license(told: dict[str, Any]) -> str:
    tags = [str(tag) for tag in told.get("tags") or []]
    named = (tag.removeprefix("license:") for tag in tags if tag.startswith("license:"))
    return next(named, "unknown")


def _fetched(hub: Hub, path: str, limit_bytes: int) -> bytes | None:
    told = "no answer"
    for attempt in range(_TRIES):
        if attempt:
            hub.sleep(2.0**attempt)
        try:
            with hub.http.stream("GET", path) as response:
                busy = response.status_code == httpx.codes.TOO_MANY_REQUESTS
                if not busy and not response.is_server_error:
                    return _read(response, path, limit_bytes)
                told = f"status {response.status_code}"
        except httpx.HTTPError as error:
            told = type(error).__name__
    raise HubUnreachable(f"the Hub did not give {path}: {told}")


def _read(response: httpx.Response, path: str, limit_bytes: int) -> bytes | None:
    if response.status_code == httpx.codes.NOT_FOUND:
        return None
    if response.status_code in _REFUSED:
        raise HubRefused(
            f"the Hub refuses {path}: the model is unknown or gated; accept its licence there, and "
            "set HF_TOKEN to a token of that account"
        )
    if not response.is_success:
        raise HubRefused(f"the Hub answered {response.status_code} to {path}")
    content = bytearray()
    for block in response.iter_bytes():
        content += block
        if len(content) > limit_bytes:
            raise HubRefused(f"{path} is larger than {limit_bytes} bytes: no tokenizer is")
    return bytes(content)
