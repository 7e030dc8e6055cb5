"""Test calls: one signed sample to a user's own address, and what that answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from brightrun.accounts.notification_delivery import signed_headers
from brightrun.errors import InvalidRequest
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.call_rates import Rate, draw
from brightrun.ports.public_web import WebUnavailable, answer_of
from brightrun.records import UserId
from brightrun.runtime import Deps

SAMPLES = Rate(per_second=0.2, burst=10)
"""Strangers name the addresses: nobody is made to send many."""


@dataclass(frozen=True)
class Sample:
    """What is sent, and to whom."""

    url: str
    secrets: Sequence[str]
    message_id: str
    body: bytes


def send_sample(deps: Deps, user_id: UserId, sample: Sample) -> int:
    """Post a sample and return the status it was answered with, whatever it is.

    Raises:
        InvalidRequest: there was no answer, or the address is not public.
        RateLimited: this user has sent enough samples for now.
    """
    now = deps.now()
    draw(deps.table, keys.buckets(user_id).key("WEBHOOK-SAMPLES"), SAMPLES, now=now)
    if deps.channels is None:
        raise InvalidRequest({"webhook_url": ["nothing is sent from here"]})
    headers = signed_headers(sample.secrets, sample.message_id, sample.body, at=now)
    try:
        return answer_of(deps.channels.web, sample.url, sample.body, headers)
    except WebUnavailable as error:
        raise InvalidRequest({"webhook_url": [str(error)]}) from error
