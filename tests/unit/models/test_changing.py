"""What an owner may change of a published model."""

from datetime import timedelta

import pytest

from brightrun.errors import InvalidRequest, InvalidTransition
from brightrun.models.changing import NEXT, ModelEdit, deleted, edited, wanted_files
from brightrun.models.record import ModelStatus
from tests.support.factories import NOON, a_model

LATER = NOON + timedelta(hours=1)
EVERY_STEP = [(here, there) for here in ModelStatus for there in ModelStatus if here != there]


@pytest.mark.parametrize(("here", "there"), EVERY_STEP)
def test_a_status_follows_the_one_before_it_or_is_refused(
    here: ModelStatus, there: ModelStatus
) -> None:
    model = a_model(status=here)
    if there in NEXT[here]:
        assert edited(model, ModelEdit(status=there), at=LATER).status is there
        return
    with pytest.raises(InvalidTransition):
        edited(model, ModelEdit(status=there), at=LATER)


def test_nothing_goes_to_production_untested() -> None:
    leads = [here for here, follow in NEXT.items() if ModelStatus.PRODUCTION in follow]
    assert leads == [ModelStatus.TESTING]


def test_asking_for_what_it_is_changes_nothing() -> None:
    model = a_model()

    assert edited(model, ModelEdit(name=model.name, status=model.status), at=LATER) is model
    assert edited(model, ModelEdit(), at=LATER) is model


def test_a_change_says_when_it_was_made() -> None:
    model = edited(a_model(), ModelEdit(name="Letters, at last"), at=LATER)

    assert (model.name, model.updated_at) == ("Letters, at last", LATER)
    assert deleted(model, at=LATER).deleted_at == LATER


def test_all_files_are_meant_where_none_is_named_and_each_once() -> None:
    model = a_model()
    first = next(iter(model.artifacts))

    assert wanted_files(model, None) == model.artifacts
    assert wanted_files(model, [first, first]) == {first: model.artifacts[first]}


def test_a_file_it_does_not_have_is_named_beside_those_it_has() -> None:
    model = a_model()
    with pytest.raises(InvalidRequest) as refused:
        wanted_files(model, ["passwords.txt"])

    sentence = str((refused.value.details or {})["files"])
    assert "unknown: passwords.txt" in sentence
    assert all(name in sentence for name in model.artifacts)
