"""Training files in the table, and the one answer to whether a file is imported already."""

from brightrun.accounts.erasure import Erasure
from brightrun.datasets.record import Dataset
from brightrun.datasets.training_files import TrainingFile
from brightrun.envelope import PageRequest
from brightrun.errors import AlreadyExists, Conflict, TrainingFileNotFound
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.erasures import appointment
from brightrun.ports.dynamodb.accounts.usage_totals import stored_bytes, stored_within
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.key_shapes import Place
from brightrun.ports.dynamodb.pagination import Fetch, gather
from brightrun.ports.dynamodb.table import Page, Table, find, newest
from brightrun.ports.dynamodb.writes import commit, put_new, replace
from brightrun.records import UserId

LIBRARY = "library"
"""What training files count as, from their registration on."""


def place_of(file: TrainingFile) -> Place:
    """Return where an entry of the library lives."""
    return Place(keys.training_file(file.user_id, file.id))


def register(table: Table, file: TrainingFile, *, most_bytes: int) -> None:
    """Write an entry that is new, and count its bytes, which may come from now on.

    Raises:
        Conflict: with others that were registered meanwhile there would be more than so many.
    """
    size_bytes = file.declared_bytes
    counted = stored_within(table, file.user_id, LIBRARY, size_bytes, most_bytes)
    commit(table, [put_new(table, file, place_of(file)), counted])


def delete_training_file(
    table: Table, before: TrainingFile, after: TrainingFile, erasure: Erasure
) -> None:
    """Mark an entry deleted, to be erased later; its files no longer count as its owner's.

    Raises:
        Conflict: the entry changed since `before` was read: it was imported.
    """
    counted = stored_bytes(table, after.user_id, LIBRARY, -after.declared_bytes)
    marked = replace(table, before, after, where=place_of(after))
    commit(table, [marked, counted, appointment(table, erasure)])


def get_training_file(table: Table, user_id: UserId, file_id: str) -> TrainingFile:
    """Return an entry of a user's library.

    Raises:
        TrainingFileNotFound: no such file of this user.
    """
    found = find(table, keys.training_file(user_id, file_id), TrainingFile)
    if found is None or found.deleted_at is not None:
        raise TrainingFileNotFound(file_id)
    return found


def find_import(table: Table, file: TrainingFile) -> Dataset | None:
    """Return the dataset a file was imported as, unless that was deleted since.

    The only predicate for both: what can be imported, and what is refused as imported already.
    """
    if file.dataset_id is None:
        return None
    dataset = find(table, keys.dataset(file.user_id, file.dataset_id), Dataset)
    return None if dataset is None or dataset.deleted_at else dataset


def importable(table: Table, user_id: UserId, asked: PageRequest) -> Page[TrainingFile]:
    """Return one page of the files that can be imported, newest first."""

    def is_free(file: TrainingFile) -> bool:
        return _is_there(file) and find_import(table, file) is None

    return gather(_newest(table, user_id), is_free, asked.limit, asked.cursor)


def list_training_files(table: Table, user_id: UserId, asked: PageRequest) -> Page[TrainingFile]:
    """Return one page of a user's library, newest first."""
    return gather(_newest(table, user_id), _is_there, asked.limit, asked.cursor)


def _newest(table: Table, user_id: UserId) -> Fetch[TrainingFile]:
    def fetch(limit: int, cursor: str | None) -> Page[TrainingFile]:
        return newest(table, keys.training_files(user_id), TrainingFile, limit=limit, cursor=cursor)

    return fetch


def _is_there(file: TrainingFile) -> bool:
    return file.deleted_at is None


def import_file(table: Table, file: TrainingFile, dataset: Dataset) -> None:
    """Write the dataset of a training file, and that the file is imported.

    Raises:
        AlreadyExists: it is a dataset already, also when somebody else was faster.
    """
    existing = find_import(table, file)
    if existing is not None:
        raise AlreadyExists("training file's dataset", existing.id)
    after = file.model_copy(update={"dataset_id": dataset.id, "updated_at": dataset.created_at})
    linked = replace(table, file, after, where=place_of(after))
    try:
        create_dataset(table, dataset, (linked,))
    except Conflict:
        now = get_training_file(table, file.user_id, file.id)
        winner = find_import(table, now)
        if winner is None:
            raise
        raise AlreadyExists("training file's dataset", winner.id) from None
