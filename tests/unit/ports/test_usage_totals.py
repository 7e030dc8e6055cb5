"""Sums of many users: what DynamoDB leaves out is asked for again, after a pause."""

from decimal import Decimal
from typing import Any

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.usage_totals import KnownUser, tallies
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import Table
from tests.support.factories import ADA, NOON

JOBS = keys.counts(ADA, Kind.JOB)


class Busy:
    """A DynamoDB that has room for nothing, some times, and then answers."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - AWS's own name
        if self.refusals:
            self.refusals -= 1
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        found = {"pk": JOBS.pk, "sk": JOBS.sk, "completed": Decimal(3)}
        return {"Responses": {"records": [found]}, "UnprocessedKeys": {}}


def test_what_is_left_out_is_asked_for_again_later_and_later() -> None:
    pauses: list[float] = []
    table = Table(Busy(refusals=8), "records", sleep=pauses.append)  # type: ignore[arg-type]
    (seen,) = tallies(table, [KnownUser(user_id=ADA, seen_at=NOON)], NOON)

    assert seen.sums[Kind.JOB] == {"completed": Decimal(3)}
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
