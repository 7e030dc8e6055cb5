"""The catalogue is configuration: an administrator reads and pushes it."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from brightrun.accounts.access import owner_of
from brightrun.envelope import Success
from brightrun.records import OwnersRequest
from functions.api.dependencies import Caller, Wires
from functions.api.stage import catalog_versions
from functions.api.stage.catalog_versions import CatalogVersion

router = Router()  # type: ignore[no-untyped-call]


class PushRequest(OwnersRequest):
    """A catalogue to be offered from now on.

    Attributes:
        document: as `GET /api/admin/catalog` gives it; checked as a whole.
    """

    document: dict[str, Any]


@router.get("/api/admin/catalog", tags=["admin"])
def read_catalog_version(
    deps: Wires, version: Annotated[int | None, Query(ge=0, le=999_999)] = None
) -> Success[CatalogVersion]:
    """Return the catalogue that holds, or an earlier version; 0 is the shipped one."""
    return Success(data=catalog_versions.read(deps, version))


@router.put("/api/admin/catalog", tags=["admin"])
def push_catalog(deps: Wires, caller: Caller, request: PushRequest) -> Success[CatalogVersion]:
    """Let another catalogue hold, within a minute; jobs that were created keep their prices.

    Pushing the same again makes another version with the same in it.
    """
    return Success(data=catalog_versions.push(deps, owner_of(caller), request.document))
