"""When each function last ran: a schedule that is not configured must not go unnoticed."""

from datetime import datetime

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Table
from brightrun.records import iso

FUNCTIONS = ("validate_dataset", "process_jobs", "create_artifacts")


def record_heartbeat(table: Table, function: str, now: datetime) -> None:
    """Note that a function runs now; the last one to write wins, and that is right."""
    where = keys.HEALTH.key(function)
    table.client.put_item(
        TableName=table.name,
        Item={"pk": where.pk, "sk": where.sk, "last_run_at": iso(now)},
    )


def last_runs(table: Table) -> dict[str, datetime | None]:
    """Return when each background function last ran; None if it never did."""
    answer = table.client.query(
        TableName=table.name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": keys.HEALTH.pk},
    )
    seen = {str(i["sk"]): datetime.fromisoformat(str(i["last_run_at"])) for i in answer["Items"]}
    return {function: seen.get(function) for function in FUNCTIONS}
