"""OpenAI's API as a migration reads it: jobs and files, page by page; nothing is written there."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from pydantic import Field, ValidationError

from brightrun.cli.exit_status import WrongCommand
from brightrun.client import ApiError, BrightRunError, NoConnection
from brightrun.client.repeating import body_of, persistently
from brightrun.records import Record

DEFAULT_URL = "https://api.openai.com/v1"
_PAGE = 100
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_COMES_AGAIN = frozenset({500, 502, 503, 504})


class TheirMethod(Record):
    """How a job trained; the numbers stand under the method's name."""

    type: str = "supervised"
    supervised: dict[str, Any] | None = None


class TheirJob(Record):
    """A fine-tuning job, as far as it is read here; `raw` is all of it."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    created_at: int = 0
    status: str
    model: str
    training_file: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    validation_file: str | None = None
    hyperparameters: dict[str, Any] | None = None
    method: TheirMethod | None = None
    seed: int | None = None
    fine_tuned_model: str | None = None
    result_files: tuple[str, ...] = ()
    user_provided_suffix: str | None = None
    metadata: dict[str, Any] | None = None
    integrations: tuple[dict[str, Any], ...] | None = None
    raw: dict[str, Any] = Field(default_factory=dict)


class TheirFile(Record):
    """A file's facts."""

    id: str
    filename: str = ""
    bytes: int = 0


class OpenAiAccount:
    """An account at OpenAI, read with its owner's key; each call is made five times at most."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        """Open connections.

        Raises:
            WrongCommand: the key would cross a network in clear text.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise WrongCommand(f"{url}: OpenAI's address begins with https://")
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=_TIMEOUT,
            transport=transport,
            follow_redirects=True,
        )
        self._sleep = sleep

    def jobs(self) -> Iterator[TheirJob]:
        """Yield every job, the newest first."""
        after: str | None = None
        while True:
            query = {"limit": str(_PAGE)} | ({} if after is None else {"after": after})
            page = self._json("/fine_tuning/jobs", query)
            rows = page.get("data") or []
            yield from map(_job, rows)
            if not rows or not page.get("has_more") or rows[-1].get("id") == after:
                return
            after = rows[-1].get("id")

    def file(self, file_id: str) -> TheirFile | None:
        """Return a file's facts; None where OpenAI does not serve it any more."""
        try:
            return TheirFile.model_validate(self._json(f"/files/{file_id}"))
        except ApiError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def download(self, file_id: str, path: Path) -> bool:
        """Write a file's content; False where OpenAI does not serve it any more."""
        answer = self._answer(lambda: self._fetched(f"/files/{file_id}/content", path))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return False
        _require_success(answer)
        return True

    def _fetched(self, path: str, target: Path) -> httpx.Response:
        with self._http.stream("GET", path) as answer:
            if not answer.is_success:
                answer.read()
                return answer
            with target.open("wb") as file:
                for block in answer.iter_bytes():
                    file.write(block)
            return answer

    def _json(self, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        answer = self._answer(lambda: self._http.get(path, params=query))
        _require_success(answer)
        told = body_of(answer)
        if not isinstance(told, dict):
            raise BrightRunError(f"OpenAI's answer to {path} is no JSON object")
        return told

    def _answer(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return persistently(attempt, safe=True, sleep=self._sleep, failures=_COMES_AGAIN)
        except NoConnection as lost:
            raise NoConnection(f"OpenAI gave {lost}") from lost

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _job(raw: dict[str, Any]) -> TheirJob:
    try:
        return TheirJob.model_validate({**raw, "raw": raw})
    except ValidationError as error:
        told = error.errors()[0]
        place = ".".join(map(str, told["loc"]))
        raise BrightRunError(f"a job at OpenAI cannot be read: {place}: {told['msg']}") from error


def _require_success(answer: httpx.Response) -> None:
    """Raise ApiError with OpenAI's sentence, and what helps, for what is no success."""
    if answer.is_success:
        return
    body = body_of(answer)
    told = body.get("error") if isinstance(body, dict) else None
    said = told.get("message") if isinstance(told, dict) else None
    message = f"OpenAI answered {answer.status_code}: {said or 'without a reason'}"
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        message = f"OpenAI does not accept the key in OPENAI_API_KEY, or the one typed: {said}"
    raise ApiError(answer.status_code, f"openai_{answer.status_code}", message)
