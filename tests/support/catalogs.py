"""The shipped catalogue as a stage would offer it, at the prices of the tests' own day."""

from collections.abc import Mapping

from brightrun.training.catalog import Catalog
from brightrun.training.catalog_document import catalog_of, shipped_document
from tests.support.factories import NOON


def load_catalog(extra_base_models: str, endpoints: Mapping[str, str]) -> Catalog:
    document = shipped_document()
    return catalog_of(document, endpoints, on=NOON.date(), extra_base_models=extra_base_models)
