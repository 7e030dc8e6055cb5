"""Which other GPU types an estimate offers: those that are there, and on which it fits."""

from brightrun.jobs.creation.requests import EstimateRequest
from brightrun.jobs.creation.resolved_config import offered_beside, resolve
from brightrun.training.catalog import Catalog
from tests.support.catalogs import load_catalog
from tests.support.factories import a_dataset

EVERY_ONE = {name: f"endpoint-{name}" for name in ("A100-40GB", "A100-80GB", "H100")}


def offered(catalog: Catalog, wanted: str, model: str | None = None) -> tuple[str, ...]:
    order = {"dataset_id": "d", "gpu_config": {"type": wanted}, "base_model": model}
    config = resolve(EstimateRequest.model_validate(order), catalog, "")
    return offered_beside(config, a_dataset(), catalog)


def test_the_cheapest_comes_first() -> None:
    assert offered(load_catalog("[]", EVERY_ONE), "H100") == ("A100-40GB", "A100-80GB")


def test_what_nobody_serves_is_not_offered() -> None:
    served = {"H100": "one", "A100-80GB x2": "two"}

    assert offered(load_catalog("[]", served), "H100") == ()


def test_what_does_not_fit_is_not_offered() -> None:
    """A model that needs 60 GB, where 40 and 80 are there."""
    large = (
        '[{"id": "x/large", "revision": "0", "name": "Large", "parameters": 70000000000,'
        ' "context_tokens": 8192, "needs_gpu_memory_gb": 60}]'
    )

    assert offered(load_catalog(large, EVERY_ONE), "H100", "x/large") == ("A100-80GB",)
