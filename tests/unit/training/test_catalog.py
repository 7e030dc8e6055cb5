"""What can be chosen, and what is chosen when nothing is."""

import json

import pytest

from brightrun.training.configuration import Hyperparameters
from brightrun.training.gpu_fit import memory_fit
from brightrun.training.model_dimensions import Shape
from tests.support.catalogs import load_catalog

ENTRY = {
    "id": "a-stage/own",
    "revision": "0",
    "name": "Own",
    "parameters": 1,
    "context_tokens": 512,
    "needs_gpu_memory_gb": 30,
}


@pytest.mark.parametrize(
    ("experimental", "first"), [(False, "a-stage/own"), (True, "Qwen/Qwen3-8B")]
)
def test_an_experimental_model_is_never_the_default(experimental: bool, first: str) -> None:  # noqa: FBT001 - a parametrized case
    catalog = load_catalog(json.dumps([ENTRY | {"experimental": experimental}]), {})

    assert catalog.base_models[0].id == first
    assert catalog.base_model("a-stage/own").experimental is experimental


def test_no_shipped_model_is_experimental() -> None:
    assert not [model.id for model in load_catalog("[]", {}).base_models if model.experimental]


def test_of_a_model_of_unknown_kind_the_catalogues_figure_is_given() -> None:
    """Latent attention: a dense decoder's formula would be wrong by as much as it is tempting."""
    known = load_catalog("[]", {})
    shape = {**(known.base_models[0].shape or {}), "kv_lora_rank": 512}
    model = load_catalog(json.dumps([ENTRY | {"shape": shape}]), {}).base_models[0]

    fit = memory_fit(model, known.gpu("A100-40GB"), Hyperparameters())

    assert (fit.basis, fit.needed_gb, fit.fits) == ("catalogue", 30, True)


def test_every_shipped_model_has_a_shape_that_can_be_reckoned_with() -> None:
    models = load_catalog("[]", {}).base_models

    assert len(models) == 3
    for model in models:
        assert model.shape
        weights = Shape.from_config(model.shape)
        counted = weights.linear_weights + weights.embedding_weights
        assert counted == pytest.approx(model.parameters, rel=0.001)


def test_an_endpoint_serves_one_type_and_one_count() -> None:
    catalog = load_catalog("[]", {"H100": "one", "H100 x8": "eight"})

    assert catalog.gpu("H100").endpoints == {1: "one", 8: "eight"}
    assert catalog.gpu("A100-80GB").endpoint(1) is None
    assert catalog.startable() == ["1x H100", "8x H100"]


@pytest.mark.parametrize(
    "named",
    [{"H100 x9": "a"}, {"H100 x0": "a"}, {"H100 times 2": "a"}, {"H100": "a", "H100 x2": "a"}],
)
def test_an_endpoint_that_cannot_be_meant_is_refused(named: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"H100|endpoint"):
        load_catalog("[]", named)
