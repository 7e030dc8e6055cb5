"""One of several choices priced in one call."""

from brightrun.jobs.creation.requests import EstimatesRequest, Variant
from brightrun.jobs.creation.variants import variant_of


def test_what_a_request_left_open_stays_open_in_its_variants() -> None:
    """Or a base model with a short context would refuse a length that nobody asked for."""
    asked = {"dataset_id": "d", "gpu_config": {"type": "A100-80GB"}, "preset_id": "fast"}
    request = EstimatesRequest.model_validate(asked | {"hyperparameters": {"epochs": 2}})
    other_gpu = Variant.model_validate({"gpu_config": {"type": "H100"}})

    variant = variant_of(request, other_gpu, 0)

    chosen = request.hyperparameters.model_fields_set
    assert variant.hyperparameters.model_fields_set == chosen
    assert "max_sequence_tokens" not in chosen
    assert variant.hyperparameters.epochs == 2
