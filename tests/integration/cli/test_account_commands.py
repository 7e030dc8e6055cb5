"""`brightrun costs|limits|notifications|keys`: against the real API in this process."""

import json
from collections.abc import Callable

import pytest

from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.api.http_calls import Call
from tests.support.factories import a_notification

Run = Callable[..., int]
Out = pytest.CaptureFixture[str]


def test_what_was_spent_is_shown_as_text_json_and_csv(
    brightrun: Run, api: Call, capsys: Out
) -> None:
    assert brightrun("costs", "--period", "week") == 0
    assert capsys.readouterr().out.startswith("2026-11-14 to 2026-11-20: $0.00")
    assert brightrun("costs", "--start", "2026-11-01", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["start_date"], told["total_cost"]) == ("2026-11-01", 0.0)
    assert brightrun("costs", "--csv") == 0
    assert capsys.readouterr().out.startswith("recorded_at,job_id,")


def test_a_day_that_is_none_asks_nothing(brightrun: Run, capsys: Out) -> None:
    assert brightrun("costs", "--start", "yesterday") == 2

    assert "write a day as YYYY-MM-DD" in capsys.readouterr().err


def test_limits_say_what_is_left(brightrun: Run, capsys: Out) -> None:
    assert brightrun("limits") == 0

    out = capsys.readouterr().out
    assert "remaining" in out
    assert "what unfinished jobs may still cost" in out


def test_notifications_are_shown_and_marked(brightrun: Run, deps: Deps, capsys: Out) -> None:
    commit(deps.table, [put_new(deps.table, a_notification())])

    assert brightrun("notifications", "--mark-read") == 0
    assert "Training Job Queued: It will start shortly" in capsys.readouterr().out
    assert brightrun("notifications", "--unread") == 0
    assert "Training Job Queued" not in capsys.readouterr().out


def test_a_key_is_shown_once_listed_and_revoked(brightrun: Run, api: Call, capsys: Out) -> None:
    assert brightrun("keys", "create", "laptop", "--scope", "read", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    key_id = made["api_key"]["id"]
    assert made["secret"].startswith("brk_")

    assert brightrun("keys", "list") == 0
    out = capsys.readouterr().out
    assert key_id in out
    assert made["secret"] not in out
    assert brightrun("keys", "revoke", key_id) == 0
    assert api("GET /api/api-keys").data["api_keys"][0]["revoked_at"] is not None
