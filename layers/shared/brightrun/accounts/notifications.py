"""A notification and how its sentences are written; what it says stands in its room. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from brightrun.accounts.record import Notification, NotificationType, Priority
from brightrun.clock import Clock
from brightrun.money import shown
from brightrun.records import UserId


@dataclass(frozen=True)
class Sentence:
    """What a notification says, before it is somebody's."""

    kind: NotificationType
    priority: Priority
    title: str
    message: str
    action_url: str
    metadata: Mapping[str, str] = field(default_factory=dict)


def notification(clock: Clock, user_id: UserId, sentence: Sentence) -> Notification:
    """Return the sentence as an unread notification of this user."""
    return Notification(
        id=clock.new_id(),
        user_id=user_id,
        type=sentence.kind,
        title=sentence.title,
        message=sentence.message,
        priority=sentence.priority,
        action_url=sentence.action_url,
        metadata=dict(sentence.metadata),
        created_at=clock.at,
    )


def budget_warning(
    clock: Clock, user_id: UserId, *, spent: Decimal, limit: Decimal
) -> Notification:
    """Spent against the limit of the month."""
    percent = int(spent * 100 / limit)
    message = (
        f"{in_dollars(spent)} of {in_dollars(limit)} are spent this month ({percent} %); "
        "at 100 % no new job starts"
    )
    sentence = Sentence(
        NotificationType.BUDGET_WARNING, Priority.HIGH, "Budget Warning", message, "/costs"
    )  # fmt: skip
    return notification(clock, user_id, sentence)


def sample_notification(clock: Clock, user_id: UserId) -> Notification:
    """What a webhook is sent to try it: it is about nothing and is never stored."""
    sentence = Sentence(
        NotificationType.JOB_COMPLETED, Priority.LOW, "Test",
        "This is a test of your webhook: no job has ended", "/notifications", {"test": "true"},
    )  # fmt: skip
    return notification(clock, user_id, sentence)


def in_dollars(amount: Decimal | None) -> str:
    """Return an amount as a sentence has it: `$1,234.50`, or `nothing`."""
    return "nothing" if amount is None else f"${shown(amount):,.2f}"
