"""Catalogues as an administrator pushes and reads them: whole documents, by version."""

from typing import Any

from brightrun.errors import InvalidRequest
from brightrun.ports.s3 import catalogs
from brightrun.records import DeferredModel, Moment, UserId
from brightrun.runtime import Deps
from brightrun.training.catalog_document import (
    CatalogDocument,
    PushedCatalog,
    checked,
    shipped_document,
)


class CatalogVersion(DeferredModel):
    """One catalogue, whole.

    Attributes:
        version: counts what was pushed from 1; 0 is the shipped one.
        newest: the highest version there is.
        document: GPU types with prices by date, base models, words of the presets.
    """

    version: int
    newest: int
    pushed_at: Moment | None = None
    pushed_by: str | None = None
    document: CatalogDocument


def read(deps: Deps, version: int | None) -> CatalogVersion:
    """Return a version; the one that holds, if none is named.

    Raises:
        InvalidRequest: there is no such version, or nobody can read it.
    """
    numbers = catalogs.versions(deps.store)
    newest = max(numbers, default=0)
    wanted = deps.catalog.version if version is None else version
    if wanted == 0:
        return CatalogVersion(version=0, newest=newest, document=shipped_document())
    try:
        found = catalogs.read_version(deps.store, wanted, on=deps.now().date())
    except ValueError as error:
        raise InvalidRequest({"version": [f"version {wanted} cannot be read"]}) from error
    if found is None:
        raise InvalidRequest({"version": [f"there is no version {wanted}; {newest} is the newest"]})
    return CatalogVersion(newest=newest, **dict(found))


def push(deps: Deps, by: UserId, given: dict[str, Any]) -> CatalogVersion:
    """Return the version that holds from now on, within a minute everywhere.

    Raises:
        InvalidRequest: it cannot be offered today; each wrong field is named.
        Conflict: somebody else pushed at the same time.
    """
    document = checked(given, on=deps.now().date())
    number = max(catalogs.versions(deps.store), default=0) + 1
    pushed = PushedCatalog(version=number, pushed_at=deps.now(), pushed_by=by, document=document)
    catalogs.push(deps.store, pushed)
    return CatalogVersion(newest=number, **dict(pushed))
