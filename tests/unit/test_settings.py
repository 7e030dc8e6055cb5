"""Settings refuse what cannot be used before anything runs, and name the parameter."""

import pytest

from brightrun.settings import Settings, WrongSetting, read_settings

NEEDED = {
    "BRIGHTRUN_STAGE": "test",
    "BRIGHTRUN_TABLE_NAME": "records",
    "BRIGHTRUN_BUCKET_NAME": "storage",
    "BRIGHTRUN_BUS_NAME": "pipeline",
}
CUT_BY_SAM = "{"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def test_endpoints_are_read_as_they_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIGHTRUN_GPU_ENDPOINTS", '{"A100-80GB": "abc", "A100-80GB x2": "def"}')

    assert read_settings().gpu_endpoints == {"A100-80GB": "abc", "A100-80GB x2": "def"}


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("GPU_ENDPOINTS", CUT_BY_SAM, "GpuEndpoints (BRIGHTRUN_GPU_ENDPOINTS): '{' is not a JSON"),
        ("GPU_ENDPOINTS", '["abc"]', "GpuEndpoints"),
        ("GPU_ENDPOINTS", '{"A100 80 GB": "abc"}', "'A100 80 GB' is no GPU type with a count"),
        ("GPU_ENDPOINTS", '{"H100": "abc", "H100 x2": "abc"}', "named twice"),
        ("EXTRA_BASE_MODELS", "[", "ExtraBaseModels (BRIGHTRUN_EXTRA_BASE_MODELS): '[' is not"),
        ("EXTRA_BASE_MODELS", '[{"id": "a/b"}]', "ExtraBaseModels"),
        ("LIMITS__MAX_ATTEMPTS", "few", "MaxAttempts (BRIGHTRUN_LIMITS__MAX_ATTEMPTS): "),
        ("MONTHLY_LIMIT_USD", "much", "MonthlyLimitUsd"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_parameter(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"BRIGHTRUN_{variable}", value)

    with pytest.raises(WrongSetting) as refused:
        read_settings()
    assert words in str(refused.value)


def test_all_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)

    with pytest.raises(WrongSetting) as refused:
        read_settings()
    assert all(name in str(refused.value) for name in NEEDED)


def test_settings_can_be_made_without_an_environment() -> None:
    made = Settings(
        stage="test",
        table_name="records",
        bucket_name="storage",
        bus_name="pipeline",
        gpu_endpoints={"H100": "abc"},
    )

    assert made.gpu_endpoints == {"H100": "abc"}
