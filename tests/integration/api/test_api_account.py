"""What a user was told, has spent, and calls with."""

from datetime import timedelta
from decimal import Decimal

import pytest

from brightrun.accounts.record import ApiKey
from brightrun.accounts.tokens import digest
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.notifications import notification_writes
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.writes import add, commit, put_new
from brightrun.runtime import Deps
from tests.support.api.http_calls import BOB_CALLS, Call
from tests.support.factories import ADA, NOON, NOTE_ID, a_cost, a_notification

# ---- notifications


@pytest.fixture
def told(deps: Deps) -> None:
    """Three notifications of Ada's, all unread."""
    notes = tuple(a_notification(id=f"{NOTE_ID[:-1]}{n}", title=f"Note {n}") for n in range(3))
    commit(deps.table, list(notification_writes(deps.table, ADA, notes)))


def titles(api: Call, **query: object) -> list[str]:
    found = api("GET /api/notifications", query=query).data["notifications"]
    return [note["title"] for note in found]


@pytest.mark.usefixtures("told")
def test_notifications_come_newest_first_with_the_unread_count(api: Call) -> None:
    answer = api("GET /api/notifications", query={"limit": 2}).data

    assert [note["title"] for note in answer["notifications"]] == ["Note 2", "Note 1"]
    assert answer["unread_count"] == 3
    assert titles(api, cursor=answer["cursor"]) == ["Note 0"]


@pytest.mark.usefixtures("told")
def test_a_read_notification_is_no_longer_unread_and_is_counted_once(api: Call, deps: Deps) -> None:
    for _ in range(2):
        answer = api(f"PATCH /api/notifications/{NOTE_ID[:-1]}1/read").data
        assert answer["read"] is True

    assert titles(api, unread="true") == ["Note 2", "Note 0"]
    assert api("GET /api/notifications").data["unread_count"] == 2
    assert titles(api) == ["Note 2", "Note 1", "Note 0"]
    item = deps.table.client.get_item(
        TableName=deps.table.name, Key={"pk": "USER#ada", "sk": f"NOTE#{NOTE_ID[:-1]}1"}
    )["Item"]
    assert str(item["expires_at"]) == str(int((NOON + timedelta(days=365)).timestamp()))


@pytest.mark.usefixtures("told")
def test_everything_is_marked_read_at_once(api: Call) -> None:
    assert api("POST /api/notifications/read-all").data == {"marked": 3, "unread_count": 0}
    assert titles(api, unread="true") == []
    assert api("POST /api/notifications/read-all").data == {"marked": 0, "unread_count": 0}


def test_more_than_one_batch_is_marked_read(api: Call, deps: Deps) -> None:
    for first in range(0, 60, 20):
        notes = tuple(a_notification(id=f"{NOTE_ID[:-2]}{n:02d}") for n in range(first, first + 20))
        commit(deps.table, list(notification_writes(deps.table, ADA, notes)))

    assert api("POST /api/notifications/read-all").data == {"marked": 60, "unread_count": 0}


# ---- costs


@pytest.fixture
def spent(deps: Deps) -> None:
    """3.50 today, 2.00 and 1.00 six days ago, 10.00 forty days ago."""
    days = [(0, "3.50"), (6, "2.00"), (6, "1.00"), (40, "10.00")]
    for number, (ago, amount) in enumerate(days):
        at = NOON - timedelta(days=ago)
        cost = a_cost(job_id=f"job-{number}", amount=Decimal(amount), recorded_at=at)
        day = keys.spend(ADA, at.date().isoformat())
        counted = add(deps.table, day, {cost.cost_type: cost.amount})
        commit(deps.table, [put_new(deps.table, cost), counted])


@pytest.mark.usefixtures("spent")
@pytest.mark.parametrize(
    ("query", "total", "days"),
    [
        ({"period": "week"}, 6.5, 7),
        ({}, 6.5, 30),
        ({"period": "year"}, 16.5, 365),
        ({"start_date": "2026-11-15"}, 3.5, 6),
        ({"start_date": "2026-10-01", "end_date": "2026-11-14"}, 13.0, 45),
        ({"end_date": "2026-10-20", "period": "week"}, 0.0, 7),
    ],
)
def test_spend_is_summed_over_the_days_asked_for(
    api: Call, query: dict[str, str], total: float, days: int
) -> None:
    costs = api("GET /api/costs", query=query).data

    assert costs["total_cost"] == total
    assert costs["cost_by_type"]["training_compute"] == total
    assert len(costs["chart_data"]) == days
    assert sum(day["amount"] for day in costs["chart_data"]) == total


@pytest.mark.usefixtures("spent")
def test_the_records_behind_a_sum_are_paged_and_of_the_same_days(api: Call) -> None:
    first = api("GET /api/costs", query={"limit": 2}).data
    second = api("GET /api/costs", query={"limit": 2, "cursor": first["cursor"]}).data

    assert [record["job_id"] for record in first["records"]] == ["job-0", "job-2"]
    assert [record["job_id"] for record in second["records"]] == ["job-1"]
    assert first["records"][0]["hourly_rate"] == 3.5


@pytest.mark.usefixtures("spent")
def test_costs_are_downloaded_as_csv(api: Call) -> None:
    table = api("GET /api/costs", query={"format": "csv", "period": "week"}).text.splitlines()

    assert table[0] == (
        "recorded_at,job_id,job_name,dataset_name,job_status,cost_type,amount_usd,"
        "gpu_type,gpu_count,duration_hours,hourly_rate_usd,attempts"
    )
    assert table[1] == (
        "2026-11-20T12:00:00.000000Z,job-0,,,,training_compute,3.50,A100-80GB,2,0.5,3.50,1"
    )
    assert len(table) == 4


@pytest.mark.usefixtures("spent")
def test_another_user_has_spent_nothing(api: Call) -> None:
    assert api("GET /api/costs", caller=BOB_CALLS).data["total_cost"] == 0.0


def test_an_end_before_its_start_is_refused(api: Call) -> None:
    refused = api("GET /api/costs", query={"start_date": "2026-11-02", "end_date": "2026-11-01"})

    assert list(refused.body["details"]) == ["end_date"]


# ---- API keys


def test_a_key_is_shown_once_and_stored_as_its_hash(api: Call, deps: Deps) -> None:
    created = api("POST /api/api-keys", {"name": "laptop"}).data

    listed = api("GET /api/api-keys")
    stored = find(deps.table, keys.api_key(digest(created["secret"])), ApiKey)
    assert created["secret"].startswith("brk_")
    assert stored is not None
    assert stored.user_id == ADA
    assert created["secret"] not in listed.text
    assert stored.key_hash not in listed.text
    assert [key["name"] for key in listed.data["api_keys"]] == ["laptop"]


def test_a_revoked_key_stays_revoked_and_is_shown_so(api: Call, deps: Deps) -> None:
    created = api("POST /api/api-keys", {"name": "laptop"}).data
    route = f"DELETE /api/api-keys/{created['api_key']['id']}"

    first, second = api(route).data, api(route).data

    stored = find(deps.table, keys.api_key(digest(created["secret"])), ApiKey)
    assert first == second
    assert stored is not None
    assert stored.revoked_at == NOON
    assert api("GET /api/api-keys").data["api_keys"][0]["revoked_at"] is not None
