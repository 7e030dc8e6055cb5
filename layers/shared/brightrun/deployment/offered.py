"""What a stage offers: the catalogue that was pushed to its bucket, or the shipped one."""

from datetime import date, datetime
from functools import partial

from brightrun.deployment.aws import StageInAws
from brightrun.ports.s3.catalogs import CurrentCatalog
from brightrun.ports.s3.objects import Store
from brightrun.training.catalog import Catalog
from brightrun.training.catalog_document import CatalogDocument, catalog_of, shipped_document


def offered_by(aws: StageInAws, now: datetime) -> Catalog:
    """Return what a stage offers at a moment, its own base models first.

    A catalogue that cannot be read leaves the shipped one, as it does for the stage itself.

    Raises:
        WrongCommand: the stack cannot be read.
        ValueError: its parameter ExtraBaseModels cannot be used.
    """
    extra = aws.parameters().get("ExtraBaseModels") or "[]"
    offered = partial(_offered, extra)
    offered(shipped_document(), now.date())
    store = Store(aws.client("s3"), aws.output("BucketName"))
    return CurrentCatalog(store, offered, shipped_document()).at(now)


def _offered(extra_base_models: str, document: CatalogDocument, on: date) -> Catalog:
    return catalog_of(document, {}, on=on, extra_base_models=extra_base_models)
