"""Catalogues that were pushed to a stage: each version an object of its own, the newest holds.

One that cannot be read never takes anything down: the last good one goes on, and it is told.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.errors import Conflict, InvalidRequest
from brightrun.ports.s3.objects import Store, read_whole
from brightrun.records import Record
from brightrun.s3_keys import CATALOGS, catalog_key, catalog_version
from brightrun.training.catalog import Catalog
from brightrun.training.catalog_document import CatalogDocument, PushedCatalog, checked

KEPT = timedelta(minutes=1)
"""How long a process goes by what it has read."""
_LARGEST_BYTES = 4 * 1024**2
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
log = logging.getLogger(__name__)


def versions(store: Store) -> list[int]:
    """Return the numbers of all that were pushed, the oldest first."""
    pages = store.client.get_paginator("list_objects_v2").paginate(
        Bucket=store.bucket, Prefix=CATALOGS
    )
    keys = (entry["Key"] for page in pages for entry in page.get("Contents", []))
    return sorted(number for key in keys if (number := catalog_version(key)) is not None)


class _Loose(Record):
    document: dict[str, object]


def read_version(store: Store, version: int, *, on: date) -> PushedCatalog | None:
    """Return a version, or None where there is none.

    Raises:
        ValueError, InvalidRequest: nobody can read it.
    """
    raw = read_whole(store, catalog_key(version), limit_bytes=_LARGEST_BYTES)
    if raw is None:
        return None
    checked(_Loose.model_validate_json(raw).document, on=on)
    return PushedCatalog.model_validate_json(raw)


def push(store: Store, pushed: PushedCatalog) -> None:
    """Store a version that is new.

    Raises:
        Conflict: somebody else pushed this version first.
    """
    try:
        store.client.put_object(
            Bucket=store.bucket,
            Key=catalog_key(pushed.version),
            Body=pushed.model_dump_json(indent=1).encode(),
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _TAKEN:
            raise Conflict(f"version {pushed.version} was pushed by somebody else") from error
        raise


@dataclass
class CurrentCatalog:
    """What is offered now, read again once a minute.

    Attributes:
        offered: makes a catalogue of a document, as it is on a day.
        shipped: what holds while nothing was pushed.
    """

    store: Store
    offered: Callable[[CatalogDocument, date], Catalog]
    shipped: CatalogDocument
    _version: int = 0
    _document: CatalogDocument | None = None
    _problem: str | None = None
    _until: datetime | None = field(default=None)

    def at(self, now: datetime) -> Catalog:
        """Return what is offered; never raises for what lies in the bucket."""
        if self._until is None or now >= self._until:
            self._until = now + KEPT
            self._read(now.date())
        catalog = self.offered(self._document or self.shipped, now.date())
        problem = self._problem or catalog.problem
        return replace(catalog, version=self._version, problem=problem)

    def _read(self, today: date) -> None:
        try:
            numbers = versions(self.store)
        except (ClientError, BotoCoreError) as error:
            self._tell(f"storage does not say which holds: {type(error).__name__}")
            return
        if not numbers:
            self._version, self._document, self._problem = 0, None, None
            return
        self._problem = None
        # one that was read well is not read again, and stays while the newer ones are broken
        for number in reversed(numbers):
            if number == self._version and self._document is not None:
                return
            if self._read_one(number, today):
                return

    def _read_one(self, number: int, today: date) -> bool:
        try:
            found = read_version(self.store, number, on=today)
        except (ValueError, InvalidRequest, ClientError, BotoCoreError) as error:
            self._tell(f"version {number} cannot be read: {type(error).__name__}")
            return False
        if found is None:
            return False
        self._version, self._document = number, found.document
        return True

    def _tell(self, problem: str) -> None:
        """An alarm listens to this line."""
        self._problem = self._problem or problem
        log.error("catalogue unusable: %s", problem)
