"""The audit trail: who changed what, from what into what. Pure.

An entry is written in the transaction that makes the change. Nothing that opens a door stands in
it: of secrets and their hashes only that they are there is told.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from brightrun.records import Moment, Record, UserId

SECRET = frozenset({"key_hash", "webhook_secret", "token_hash", "secret", "old_secret"})
"""Fields that open a door."""
_DULL = frozenset({"version", "updated_at", "work", "due_at", "tries", "verdict", "user_id"})
_SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class Actor:
    """Who makes a request, and when.

    Attributes:
        address: where the request came from, as API Gateway saw it.
    """

    user_id: UserId
    key_id: str | None
    address: str | None
    request_id: str
    at: Moment


class AuditEntry(Record):
    """One change of one thing of a user's.

    Attributes:
        id: sorts by time.
        actor: the user who did it: the owner, or an administrator.
        key_id: the API key it was done with; null for whoever signed in.
        address: where the request came from.
        action: the kind of thing, and `created` or `changed`, such as `job.created`.
        target: the id of the thing.
        before: the fields that changed, as they were; empty for a new thing.
        after: the same fields, as they are now.
    """

    id: str
    user_id: UserId
    at: Moment
    actor: UserId
    key_id: str | None
    address: str | None
    request_id: str
    action: str
    target: str
    before: dict[str, str]
    after: dict[str, str]


def entry_of(
    actor: Actor, owner: UserId, kind: str, before: BaseModel | None, after: BaseModel
) -> AuditEntry:
    """Return what is remembered of a change."""
    was, now = _facts(before), _facts(after)
    changed = [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]
    target = str(getattr(after, "id", owner))
    action = f"{kind}.{'created' if before is None else 'changed'}"
    return AuditEntry(
        id=f"{actor.at:%Y-%m-%dT%H:%M:%S.%f}#{actor.request_id}#{action}#{target}",
        user_id=owner,
        at=actor.at,
        actor=actor.user_id,
        key_id=actor.key_id,
        address=actor.address,
        request_id=actor.request_id,
        action=action,
        target=target,
        before={name: was[name] for name in changed if name in was},
        after={name: now[name] for name in changed if name in now},
    )


def _facts(record: BaseModel | None) -> dict[str, str]:
    """Return every field that says something, as text."""
    if record is None:
        return {}
    plain = record.model_dump(mode="json", exclude_none=True, exclude=set(_DULL))
    return {name: _told(name, value) for name, value in plain.items()}


def _told(name: str, value: object) -> str:
    return str(_without_secrets(name, value))[:_SHOWN_CHARACTERS]


def _without_secrets(name: str, value: object) -> object:
    """Return a value in which each secret, however deep, only says that it is there."""
    if name in SECRET:
        return "(secret)"
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, held) for inner, held in value.items()}
    if isinstance(value, list):
        return [_without_secrets(name, held) for held in value]
    return value
