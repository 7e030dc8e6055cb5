"""An appointment to erase something: when it is due, hastened, called off."""

from datetime import timedelta

import pytest

from brightrun.accounts.erasure import (
    ERASED,
    ErasureKind,
    digest_of,
    erased_user,
    hastened,
    put_off,
    withdrawn,
)
from brightrun.errors import InvalidTransition
from brightrun.records import UserId
from brightrun.work import Work
from tests.support.factories import ADA, NOON, an_erasure


def test_what_is_deleted_is_erased_so_many_days_later() -> None:
    erasure = an_erasure(days=7)

    assert erasure.waits_for(Work.ERASE)
    assert erasure.due_at == NOON + timedelta(days=7)


def test_an_administrator_can_have_it_now() -> None:
    later = NOON + timedelta(hours=1)

    assert hastened(an_erasure(), at=later).due_at == later


def test_what_is_being_erased_is_left_to_whoever_does_it() -> None:
    begun = an_erasure().model_copy(update={"tries": 1})

    assert hastened(begun, at=NOON) is begun


def test_what_was_called_off_waits_for_nothing_and_cannot_be_hastened() -> None:
    off = withdrawn(an_erasure(), at=NOON)

    assert (off.work, off.due_at, off.withdrawn_at) == (None, None, NOON)
    assert hastened(off, at=NOON) is off
    assert withdrawn(off, at=NOON) is off


def test_what_has_begun_cannot_be_called_off() -> None:
    with pytest.raises(InvalidTransition):
        withdrawn(an_erasure().model_copy(update={"tries": 1}), at=NOON)


def test_a_fault_puts_it_off_and_more_to_do_does_not() -> None:
    assert put_off(an_erasure(), at=NOON, failed=False).due_at == NOON
    assert put_off(an_erasure(), at=NOON, failed=True).due_at == NOON + timedelta(minutes=5)


@pytest.mark.parametrize(("by", "told"), [(ADA, ERASED), (UserId("root"), UserId("root"))])
def test_what_is_remembered_of_an_erased_user_does_not_name_them(by: UserId, told: UserId) -> None:
    erasure = an_erasure("ada", kind=ErasureKind.USER, by=by)

    remembered = erased_user(erasure, at=NOON)

    assert remembered.asked_by == told
    assert remembered.digest == digest_of(ADA)
    assert "ada" not in remembered.model_dump_json()
