"""Addresses in a worker's answer: https at public hosts, plain names, not too many."""

from typing import Any

import pytest
from pydantic import ValidationError

from brightrun.training.download_urls import MOST_FILES
from brightrun.training.protocol import FinishRequest

GOOD = "https://files.example/adapter?X-Amz-Signature=0a"


def verdict(urls: Any) -> FinishRequest:
    return FinishRequest.model_validate(
        {"outcome": "succeeded", "execution_seconds": 1, "download_urls": urls}
    )


def test_an_address_is_kept_as_it_is() -> None:
    assert verdict({"adapter_config.json": GOOD}).download_urls == {"adapter_config.json": GOOD}


@pytest.mark.parametrize(
    "urls",
    [
        {"../up": GOOD}, {"a/b": GOOD}, {"": GOOD}, {"x": "http://files.example/a"},
        {"x": "https://127.0.0.1/a"}, {"x": "https://localhost/a"}, {"x": 5},
        {"x": f"{GOOD}{'a' * 5000}"}, {f"f{n}": GOOD for n in range(MOST_FILES + 1)}, [GOOD],
    ],
)  # fmt: skip
def test_what_could_lead_elsewhere_is_refused(urls: Any) -> None:
    with pytest.raises(ValidationError):
        verdict(urls)


def test_what_a_newer_worker_says_besides_is_ignored() -> None:
    said = {"outcome": "succeeded", "execution_seconds": 1, "model_metadata": {"size": 7}}

    metadata = FinishRequest.model_validate(said).model_metadata
    assert metadata is not None
    assert metadata.base_model is None
