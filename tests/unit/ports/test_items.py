"""Records as items of the table: every number comes back as it went in."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import example, given
from hypothesis import strategies as st

from brightrun.ports.dynamodb.items import item_of, record_of
from brightrun.ports.dynamodb.key_shapes import Key, Place
from brightrun.records import Record

SOMEWHERE = Place(Key("pk", "sk"))


class Scored(Record):
    """A record with numbers of a caller's own."""

    scores: dict[str, float]


@given(st.floats(allow_nan=False))
@example(1.7976931348623157e308)
@example(5e-324)
@example(-0.0)
@example(1e125)
@example(1e126)
def test_every_float_is_stored_and_read_back(number: float) -> None:
    """DynamoDB's numbers reach to 1e126; a float reaches further."""
    record = Scored(scores={"x": number})

    wire = TypeSerializer().serialize(item_of(record, SOMEWHERE))
    item = TypeDeserializer().deserialize(wire)

    assert record_of(item, Scored).scores == {"x": number}


@pytest.mark.parametrize("number", [0.1, 1e-9, 123456.75])
def test_an_ordinary_number_is_stored_as_a_number(number: float) -> None:
    item = item_of(Scored(scores={"x": number}), SOMEWHERE)

    assert item["scores"] == {"x": Decimal(repr(number))}
