"""OpenAI's API as a migration reads it: what is asked again, for how long, and what is given up."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.migration.source import OpenAiAccount
from brightrun.client import ApiError, BrightRunError, NoConnection

Answers = list[httpx.Response | None]
FILE = httpx.Response(200, json={"id": "file-1", "filename": "a.jsonl", "bytes": 3})
LIMITED = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}


class Account:
    """Answers one after the other; None is a connection that breaks. The last one is repeated."""

    def __init__(self, *answers: httpx.Response | None) -> None:
        self.answers, self.asked, self.slept = list(answers), 0, list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise httpx.ReadError("broken off", request=request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def read(self) -> OpenAiAccount:
        return OpenAiAccount(
            "https://openai.test/v1",
            "theirs",
            transport=httpx.MockTransport(self),
            sleep=self.slept.append,
        )


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_stumbles_is_asked_again(status: int) -> None:
    account = Account(httpx.Response(status), None, FILE)

    found = account.read().file("file-1")

    assert found is not None
    assert (found.filename, account.asked) == ("a.jsonl", 3)
    assert account.slept == [1.0, 2.0]


def test_a_429_is_waited_for_as_long_as_it_says() -> None:
    account = Account(httpx.Response(429, json=LIMITED, headers={"retry-after": "20"}), FILE)

    assert account.read().file("file-1") is not None
    assert account.slept == [20.0]


def test_a_429_of_more_than_a_minute_is_told_at_once() -> None:
    account = Account(httpx.Response(429, json=LIMITED, headers={"retry-after": "3600"}))

    with pytest.raises(ApiError, match="OpenAI answered 429: Rate limit reached"):
        account.read().file("file-1")
    assert (account.asked, account.slept) == (1, [])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(503), "OpenAI answered 503: without a reason"),
        (httpx.Response(429, json=LIMITED), "OpenAI answered 429: Rate limit reached"),
    ],
)
def test_what_does_not_get_better_is_given_up_after_five_calls(
    answer: httpx.Response, told: str
) -> None:
    account = Account(answer)

    with pytest.raises(ApiError, match=told):
        account.read().file("file-1")
    assert (account.asked, account.slept) == (5, [1.0, 2.0, 4.0, 8.0])


def test_a_connection_that_never_answers_is_no_refusal() -> None:
    account = Account(None)

    with pytest.raises(NoConnection, match="OpenAI gave no answer"):
        account.read().file("file-1")
    assert account.asked == 5


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    account = Account(httpx.Response(status, json={"error": {"message": "no"}}))

    with pytest.raises(ApiError):
        account.read().file("file-1")
    assert account.asked == 1


def test_a_file_that_is_gone_is_none_and_ends_nothing(tmp_path: Path) -> None:
    gone = httpx.Response(404, json={"error": {"message": "No such File object"}})

    assert Account(gone).read().file("file-1") is None
    assert Account(gone).read().download("file-1", tmp_path / "file") is False


def test_a_download_that_breaks_begins_anew_and_is_whole(tmp_path: Path) -> None:
    account = Account(httpx.Response(503), None, httpx.Response(200, content=b"abc"))

    assert account.read().download("file-1", tmp_path / "file") is True
    assert (tmp_path / "file").read_bytes() == b"abc"


@pytest.mark.parametrize(
    "read",
    [lambda account: list(account.jobs()), lambda account: account.file("file-1")],
)
def test_an_answer_that_is_no_json_is_said(read: Callable[[OpenAiAccount], object]) -> None:
    with pytest.raises(BrightRunError, match="no JSON object"):
        read(Account(httpx.Response(200, content=b"<html>")).read())


def test_a_page_that_leads_back_to_itself_ends_the_list() -> None:
    row = {"id": "ftjob-1", "status": "running", "model": "m", "training_file": "file-1"}
    account = Account(httpx.Response(200, json={"data": [row], "has_more": True}))

    assert [job.id for job in account.read().jobs()] == ["ftjob-1", "ftjob-1"]


@pytest.mark.parametrize("bad", ["../etc/passwd", "a/b", ""])
def test_an_id_that_is_a_path_is_read_into_no_file_name(bad: str) -> None:
    row = {"id": bad, "status": "running", "model": "m", "training_file": "file-1"}
    account = Account(httpx.Response(200, json={"data": [row], "has_more": False}))

    with pytest.raises(BrightRunError, match="cannot be read: id"):
        list(account.read().jobs())


def test_the_key_crosses_no_network_in_clear_text() -> None:
    with pytest.raises(WrongCommand, match="https://"):
        OpenAiAccount("http://openai.test", "theirs", transport=None, sleep=lambda _: None)
