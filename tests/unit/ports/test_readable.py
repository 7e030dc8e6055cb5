"""A record that is written can be read: all records, all words of a worker, whatever they hold.

One place after another of a record's JSON is replaced by numbers that are none, the year 1,
control characters, lone surrogates. What a model then takes, the table gives back.

Covers: records.
"""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from brightrun.errors import InvalidRequest
from brightrun.jobs.events import job_event
from brightrun.jobs.execution import worker_messages
from brightrun.ports.dynamodb.items import item_of, record_of
from brightrun.ports.dynamodb.key_shapes import Key, Place
from brightrun.records import Record, iso
from brightrun.training.protocol import (
    CheckpointRequest,
    FinishRequest,
    Point,
    ReportRequest,
    StartRequest,
)
from brightrun.training.uploading import UploadsRequest
from tests.support.factories import (
    NOON,
    a_cost,
    a_dataset,
    a_job,
    a_model,
    a_notification,
    a_summary,
    an_api_key,
    an_attempt,
)
from tests.support.job_states import LIMITS, clock, training

R = TypeVar("R", bound=BaseModel)
SOMEWHERE = Place(Key("pk", "sk"))
ABSURD_NUMBERS = [
    "NaN", "Infinity", "-Infinity", 1e300, -1e300, 1e-300, 5e-324, "1e400", -0.0, 0, 1, 2**63,
    2**64, 10**30, 1e12, 1e12 + 1, 99_999_999, 100_000_000, True, None, "", "12",
]  # fmt: skip
ABSURD_TIMES = [
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00", "2026-11-28T12:00:00+05:30", "1969-12-31T23:59:59Z", 0, -1e11,
]  # fmt: skip
ABSURD_TEXTS = [
    "",
    "\x00",
    "a\nb\r\u2028",
    "\u202eevil",
    "\x1b[2J",
    "é" * 3000,
    "run-1",
    "<script>",
]
ABSURD: st.SearchStrategy[Any] = (
    st.sampled_from([*ABSURD_NUMBERS, *ABSURD_TIMES, *ABSURD_TEXTS])
    | st.floats()
    | st.integers()
    | st.text(max_size=20)
    | st.datetimes(timezones=st.just(UTC))
)
RECORDS: list[Record] = [
    a_dataset(), a_job(), an_attempt(), a_model(), a_notification(), a_cost(), an_api_key(),
    an_attempt(finish=FinishRequest(outcome="succeeded", execution_seconds=1, summary=a_summary())),
    job_event(clock(), a_job(), "job.stage", "Now training"),
]  # fmt: skip
A_POINT = Point(step=1, epoch=0.5, timestamp=NOON, training_loss=1.0)
SAID: list[BaseModel] = [
    A_POINT,
    StartRequest(external_job_id="run-1", worker_id="worker-1"),
    ReportRequest.model_validate(
        {"sequence": 1, "stage": "training", "points": [A_POINT],
         "lines": [{"time": NOON, "message": "m"}]}
    ),
    FinishRequest(outcome="succeeded", execution_seconds=1, summary=a_summary()),
    CheckpointRequest.model_validate(
        {"step": 1, "files": [{"name": "a.safetensors", "size_bytes": 1, "sha256": "ab" * 32}]}
    ),
    UploadsRequest.model_validate(
        {"files": [{"name": "README.md", "size_bytes": 1, "sha256": "ab" * 32, "kind": "artifact"}]}
    ),
]  # fmt: skip
many = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def places_in(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a JSON value that holds no other."""
    if isinstance(value, dict):
        return [p for key, inner in value.items() for p in places_in(inner, (*at, key))]
    if isinstance(value, list):
        return [p for key, inner in enumerate(value) for p in places_in(inner, (*at, key))]
    return [at]


def with_value(value: Any, at: tuple[Any, ...], new: object) -> Any:
    copy = deepcopy(value)
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return copy


def told(value: Any) -> str:
    """Return JSON as a stranger may send it; Python's own writes NaN and what else there is."""
    return json.dumps(value, default=str)


def stored_and_read(record: R) -> R:
    """Return what comes back from the table, over DynamoDB's own form."""
    wire = TypeSerializer().serialize(item_of(record, SOMEWHERE))
    return record_of(TypeDeserializer().deserialize(wire), type(record))


@pytest.mark.parametrize("record", [*RECORDS, *SAID], ids=lambda record: type(record).__name__)
def test_whatever_a_model_takes_is_stored_and_read_back_the_same(record: BaseModel) -> None:
    plain = json.loads(record.model_dump_json())
    places = places_in(plain)
    taken = 0

    @many
    @given(at=st.sampled_from(places), new=ABSURD)
    def holds(at: tuple[Any, ...], new: object) -> None:
        nonlocal taken
        try:
            accepted = type(record).model_validate_json(told(with_value(plain, at, new)))
        except (ValidationError, UnicodeEncodeError):
            return
        taken += 1

        try:
            back = stored_and_read(accepted)
        except ValueError:
            return  # not written: an integer that no table holds
        # the table knows no negative zero
        assert back.model_dump_json() == accepted.model_dump_json().replace(":-0.0", ":0.0")

    holds()
    assert taken


@many
@given(absurd=st.lists(st.tuples(st.integers(0, 50), ABSURD), max_size=4))
def test_whatever_a_worker_reports_leaves_a_job_and_an_attempt_that_can_be_read(
    absurd: list[tuple[int, Any]],
) -> None:
    plain = json.loads(SAID[2].model_dump_json())
    for where, new in absurd:
        places = places_in(plain)
        plain = with_value(plain, places[where % len(places)], new)
    with suppress(ValidationError, InvalidRequest, UnicodeEncodeError):
        said = ReportRequest.model_validate_json(told(plain))
        after = worker_messages.reported(training(), clock(), LIMITS, number=1, message=said).after

        assert stored_and_read(after.job) == after.job
        assert after.attempt is not None
        assert stored_and_read(after.attempt) == after.attempt


@given(st.datetimes(timezones=st.sampled_from([UTC])))
def test_every_moment_is_text_of_one_length_in_the_order_of_time(moment: datetime) -> None:
    text = iso(moment)

    assert (len(text), datetime.fromisoformat(text)) == (27, moment)


def test_a_time_of_another_zone_is_stored_in_ours() -> None:
    noon_in_india = datetime.fromisoformat("2026-11-20T17:30:00+05:30")

    assert iso(noon_in_india) == iso(NOON)


def test_what_could_not_be_read_back_is_never_written() -> None:
    """Values that no validation has seen, as `model_copy` lets them in."""
    broken = a_job().model_copy(update={"current_epoch": "a word"})

    with (
        pytest.raises(ValueError, match="current_epoch"),
        pytest.warns(UserWarning, match="Expected `float`"),
    ):
        item_of(broken, SOMEWHERE)
