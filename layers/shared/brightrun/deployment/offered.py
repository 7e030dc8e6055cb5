"""What a stage offers, as its functions read it: the pushed catalogue, or the shipped one.

Imports botocore: commands import this when they run.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from brightrun.ports.s3.catalogs import CurrentCatalog
from brightrun.ports.s3.objects import Store
from brightrun.training.catalog import Catalog
from brightrun.training.catalog_document import CatalogDocument, catalog_of, shipped_document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def catalog_in(
    s3: "S3Client", bucket: str, parameters: Mapping[str, str], now: datetime
) -> Catalog:
    """Return what is offered now, the stage's own base models first; endpoints are not looked at.

    Raises:
        ValueError: `ExtraBaseModels` cannot be read.
    """
    extra = parameters.get("ExtraBaseModels") or "[]"

    def offered(document: CatalogDocument, on: date) -> Catalog:
        return catalog_of(document, {}, on=on, extra_base_models=extra)

    return CurrentCatalog(Store(s3, bucket), offered, shipped_document()).at(now)
