"""`brightrun models entry`: what the Hub says of a model, as the catalogue takes it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.cli.session import Session
from brightrun.deployment.main import main
from brightrun.training.catalog import TrainableModel, listed_models

COMMIT = "b968826d9c46dd6066d109eabc6255188de91218"
CONFIG = {
    "model_type": "llama",
    "hidden_size": 2048,
    "num_hidden_layers": 16,
    "intermediate_size": 8192,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
}
TOLD: dict[str, Any] = {
    "sha": COMMIT,
    "safetensors": {"total": 1_235_814_400},
    "tags": ["transformers", "license:llama3.2"],
}


def asked(tmp_path: Path, told: dict[str, Any] | None, config: dict[str, Any] | None) -> int:
    answers = {
        "/api/models/you/small/revision/main": told,
        f"/you/small/resolve/{COMMIT}/config.json": config,
    }

    def hub(request: httpx.Request) -> httpx.Response:
        found = answers.get(request.url.path)
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    session = Session({}, tmp_path / "config.toml", transport=httpx.MockTransport(hub))
    return main(["models", "entry", "you/small"], session)


def test_the_entry_can_be_listed_as_it_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(tmp_path, TOLD, CONFIG) == 0
    printed = json.loads(capsys.readouterr().out)
    (model,) = listed_models(json.dumps([printed]))

    assert isinstance(model, TrainableModel)
    assert (model.id, model.revision, model.license) == ("you/small", COMMIT, "llama3.2")
    assert model.parameters == 1_235_814_400


@pytest.mark.parametrize(
    ("told", "config", "words"),
    [
        (None, CONFIG, "has no you/small at main"),
        ({"sha": COMMIT}, CONFIG, "does not count the weights"),
        (TOLD, None, "config.json"),
        (TOLD, {"model_type": "odd"}, "cannot be reckoned"),
    ],
)
def test_what_cannot_be_described_says_why(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    told: dict[str, Any] | None,
    config: dict[str, Any] | None,
    words: str,
) -> None:
    assert asked(tmp_path, told, config) == 2
    assert words in capsys.readouterr().err
