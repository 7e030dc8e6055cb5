"""Appointments to erase what was deleted, in the table: made, hastened, called off."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from brightrun.accounts.erasure import (
    ErasedUser,
    Erasure,
    ErasureKind,
    digest_of,
    hastened,
    withdrawn,
)
from brightrun.errors import Conflict
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.batches import items_at
from brightrun.ports.dynamodb.key_shapes import Key
from brightrun.ports.dynamodb.places import place
from brightrun.ports.dynamodb.table import Page, Table, all_records, find, oldest
from brightrun.ports.dynamodb.writes import Write, commit, put, put_new, replace
from brightrun.records import UserId

_KEYS: Mapping[ErasureKind, Callable[[str, str], Key]] = {
    ErasureKind.DATASET: keys.dataset,
    ErasureKind.MODEL: keys.model,
    ErasureKind.TRAINING_FILE: keys.training_file,
}
"""Where the record of a deleted thing is."""


def appointment(table: Table, erasure: Erasure) -> Write:
    """Return the write that is committed together with what marks a thing deleted."""
    return put(table, erasure, place(erasure))


def appointments(table: Table, user_id: UserId, *, limit: int, cursor: str | None) -> Page[Erasure]:
    """Return one page of what a user has deleted and is not erased yet; not the user's own."""
    page = oldest(table, keys.erasures(user_id), Erasure, limit=limit, cursor=cursor)
    things = (each for each in page.records if each.kind is not ErasureKind.USER)
    return Page(tuple(things), page.cursor)


def names_of(table: Table, erasures: Iterable[Erasure]) -> dict[str, str]:
    """Return how these things were called, by their ids, as far as their records are there."""
    wanted = [_KEYS[each.kind](each.user_id, each.id) for each in erasures]
    return {str(item["id"]): str(item["name"]) for _, item in items_at(table, wanted)}


def hasten(
    table: Table, user_id: UserId, ids: tuple[str, ...] | None, *, at: datetime
) -> list[Erasure]:
    """Let what a user has deleted be erased now: all of it, or what is named. Safe to repeat."""
    wanted = [
        erasure
        for erasure in all_records(table, keys.erasures(user_id), Erasure)
        if erasure.kind is not ErasureKind.USER and (ids is None or erasure.id in ids)
    ]
    for erasure in wanted:
        sooner = hastened(erasure, at=at)
        if sooner is not erasure:
            with suppress(Conflict):  # it is being erased just now
                commit(table, [replace(table, erasure, sooner)])
    return wanted


def ask_for_user(table: Table, wanted: Erasure) -> Erasure:
    """Return the appointment to erase a user; the sooner of two holds.

    Raises:
        Conflict: another administrator came first.
    """
    before = find_for_user(table, wanted.user_id)
    if before is None:
        commit(table, [put_new(table, wanted)])
        return wanted
    if before.work is not None and before.due_at is not None and wanted.due_at is not None:
        if before.due_at <= wanted.due_at:
            return before
        wanted = hastened(before, at=wanted.due_at)
    commit(table, [replace(table, before, wanted.model_copy(update={"version": before.version}))])
    return wanted


def withdraw_for_user(table: Table, user_id: UserId, *, at: datetime) -> None:
    """Call off a user's erasure, if there is one.

    Raises:
        InvalidTransition: it has begun.
        Conflict: it begins just now.
    """
    before = find_for_user(table, user_id)
    if before is not None and before.withdrawn_at is None:
        commit(table, [replace(table, before, withdrawn(before, at=at))])


def find_for_user(table: Table, user_id: UserId) -> Erasure | None:
    """Return the appointment to erase a user, or None."""
    return find(table, keys.erasures(user_id).key(f"{ErasureKind.USER}#{user_id}"), Erasure)


def find_erased(table: Table, user_id: UserId) -> ErasedUser | None:
    """Return when a user was erased, or None."""
    return find(table, keys.ERASED_USERS.key(digest_of(user_id)), ErasedUser)
