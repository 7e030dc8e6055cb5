"""The catalogue as it is written down: checked as a whole, and offered by the day."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from brightrun.errors import InvalidRequest
from brightrun.training.catalog_document import catalog_of, checked, shipped_document

TODAY = date(2026, 11, 20)
WORDS = {
    "fast": {"name": "Fast", "description": "quick"},
    "balanced": {"name": "Balanced", "description": "both"},
    "quality": {"name": "Quality", "description": "best"},
}
MODEL = {
    "id": "a/b", "revision": "0", "name": "B", "parameters": 1, "context_tokens": 512,
    "needs_gpu_memory_gb": 8,
}  # fmt: skip


def a_price(rate: str, since: str) -> dict[str, Any]:
    return {"hourly_rate_usd": float(rate), "effective_from": since}


def a_gpu(**facts: Any) -> dict[str, Any]:
    known = {
        "type": "H200", "name": "NVIDIA H200", "planning_tokens_per_second": 3000,
        "memory_gb": 141, "prices": [a_price("4.00", "2026-11-01")],
    }  # fmt: skip
    return known | facts


def a_document(**facts: Any) -> dict[str, Any]:
    return {"gpus": [a_gpu()], "base_models": [MODEL], "presets": WORDS} | facts


def test_the_shipped_document_is_the_specifications() -> None:
    offered = catalog_of(shipped_document(), {}, on=TODAY)

    assert [(gpu.type, gpu.hourly_rate_usd, gpu.planning_tokens_per_second) for gpu in
            offered.gpus] == [
        ("A100-80GB", Decimal("3.50"), 1800), ("A100-40GB", Decimal("2.80"), 1500),
        ("H100", Decimal("4.20"), 2200), ("V100-32GB", Decimal("2.10"), 1200),
    ]  # fmt: skip
    assert offered.gpus[0].name == "NVIDIA A100 80GB"
    assert offered.gpu("A100-80GB").tagline == "Best overall performance"
    assert offered.presets


@pytest.mark.parametrize(
    ("day", "rate", "later"),
    [("2026-11-30", "4.00", ["3.1"]), ("2026-12-01", "3.10", []), ("2027-05-01", "3.10", [])],
)
def test_a_price_is_in_effect_from_its_day_on(day: str, rate: str, later: list[str]) -> None:
    prices = [a_price("3.10", "2026-12-01"), a_price("4.00", "2026-11-01")]
    document = checked(a_document(gpus=[a_gpu(prices=prices)]), on=TODAY)

    gpu = catalog_of(document, {"H200": "one"}, on=date.fromisoformat(day)).gpu("H200")

    assert gpu.hourly_rate_usd == Decimal(rate)
    assert [str(price.hourly_rate_usd) for price in gpu.later_prices] == later


def test_a_type_is_offered_from_its_first_price_on() -> None:
    soon = a_gpu(type="B200", prices=[a_price("6.00", "2026-12-01")])
    document = checked(a_document(gpus=[a_gpu(), soon]), on=TODAY)

    assert [gpu.type for gpu in catalog_of(document, {}, on=TODAY).gpus] == ["H200"]
    later = catalog_of(document, {}, on=date(2026, 12, 1))
    assert [gpu.type for gpu in later.gpus] == ["H200", "B200"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"gpu": []}, "document.gpu"),
        ({"gpus": []}, "document.gpus"),
        ({"gpus": [a_gpu(colour="red")]}, "document.gpus.0.colour"),
        ({"gpus": [a_gpu(prices=[])]}, "document.gpus.0.prices"),
        ({"gpus": [a_gpu(prices=[a_price("0", "2026-11-01")])]},
         "document.gpus.0.prices.0.hourly_rate_usd"),
        ({"gpus": [a_gpu(prices=[a_price("NaN", "2026-11-01")])]},
         "document.gpus.0.prices.0.hourly_rate_usd"),
        ({"gpus": [a_gpu(prices=[a_price("1", "2026-11-01") | {"hourly_rate_usd": "1"}])]},
         "document.gpus.0.prices.0.hourly_rate_usd"),
        ({"gpus": [a_gpu(memory_gb="141")]}, "document.gpus.0.memory_gb"),
        ({"gpus": [a_gpu(prices=[a_price("1", "soon")])]},
         "document.gpus.0.prices.0.effective_from"),
        ({"gpus": [a_gpu(type="H200 x2")]}, "document.gpus.0.type"),
        ({"gpus": [a_gpu(), a_gpu()]}, "document"),
        ({"base_models": [MODEL, MODEL]}, "document"),
        ({"base_models": [MODEL | {"contxt": 1}]}, "document.base_models.0.contxt"),
        ({"presets": {"fast": WORDS["fast"]}}, "document"),
        ({"gpus": [a_gpu(prices=[a_price("1", "2099-01-01")])]}, "document.gpus"),
        ({"gpus": [a_gpu(not_trainable="no bf16")]}, "document.gpus"),
    ],
)  # fmt: skip
def test_what_cannot_be_offered_is_refused_with_the_field(
    facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(a_document(**facts), on=TODAY)

    assert field in (refused.value.details or {})


@pytest.mark.parametrize("given", [None, [], "text", 5, {}])
def test_anything_else_is_no_document(given: object) -> None:
    with pytest.raises(InvalidRequest):
        checked(given, on=TODAY)


def test_an_endpoint_of_a_type_that_nobody_knows_is_told() -> None:
    named = {"H200": "one", "H20O": "two"}

    offered = catalog_of(checked(a_document(), on=TODAY), named, on=TODAY)

    assert "H20O" in (offered.problem or "")
    assert offered.endpoint("H200", 1) == "one"
    assert offered.endpoint("H200", 2) is None


def test_a_job_of_a_type_that_is_offered_no_longer_finds_its_endpoint() -> None:
    offered = catalog_of(checked(a_document(), on=TODAY), {"A100-80GB": "old"}, on=TODAY)

    assert offered.endpoint("A100-80GB", 1) == "old"
    with pytest.raises(InvalidRequest):
        offered.gpu("A100-80GB")


def test_tokens_of_a_dataset_whose_model_is_offered_no_longer_are_counted_all_the_same() -> None:
    offered = catalog_of(checked(a_document(), on=TODAY), {}, on=TODAY)

    assert offered.counted_for("Qwen/Qwen3-8B").id == "a/b"
    assert offered.counted_for("a/b").id == "a/b"
