"""What can be chosen: presets, GPU types with price and availability, base models."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from brightrun.envelope import Success
from functions.api.dependencies import Wires
from functions.api.stage.catalog_view import CatalogView, catalog_view

router = Router()  # type: ignore[no-untyped-call]


@router.get("/api/catalog", tags=["catalog"])
def read_catalog(deps: Wires) -> Success[CatalogView]:
    """List what a job can be configured with."""
    return Success(data=catalog_view(deps))
