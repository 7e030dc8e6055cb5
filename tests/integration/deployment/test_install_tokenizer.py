"""`brightrun models install-tokenizer`: from the Hub or a folder, loaded before it is stored."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.deployment.aws import DeploySession
from brightrun.deployment.main import main
from brightrun.ports.s3.objects import Store
from brightrun.ports.s3.tokenizers import find_encoder, installed_tokenizers
from brightrun.s3_keys import base_model_prefix
from tests.support.datasets.chat_models import tokenizer_json
from tests.support.deployment.aws_account import FakeAccount, refused

MODEL, REVISION = "own/small", "abc123"
ENTRY = {
    "id": MODEL,
    "revision": REVISION,
    "name": "Small",
    "parameters": 1,
    "context_tokens": 512,
    "needs_gpu_memory_gb": 1,
}
TEMPLATE = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
FILES = {
    "tokenizer.json": tokenizer_json(),
    "tokenizer_config.json": json.dumps({"chat_template": TEMPLATE, "eos_token": "</s>"}),
}


@dataclass
class Hub:
    """The Hub with one model; files live on another host, as large ones do."""

    files: dict[str, str] = field(default_factory=lambda: dict(FILES))
    status: int = 200
    failures: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((str(request.url), request.headers.get("authorization")))
        if self.failures:
            self.failures -= 1
            return httpx.Response(503)
        if self.status != 200:
            return httpx.Response(self.status)
        name = request.url.path.split(f"/{REVISION}/")[-1]
        if name not in self.files:
            return httpx.Response(404)
        if request.url.host == "huggingface.co":
            return httpx.Response(302, headers={"location": f"https://cdn.test/{REVISION}/{name}"})
        return httpx.Response(200, content=self.files[name].encode())


@pytest.fixture
def hub() -> Hub:
    return Hub()


Install = Callable[..., int]


class Breaking:
    """The bucket's client, whose uploads are refused after so many."""

    def __init__(self, client: Any, uploads: int) -> None:
        self._client = client
        self._left = uploads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **asked: Any) -> Any:
        if not self._left:
            raise refused("AccessDenied", "no more")
        self._left -= 1
        return self._client.put_object(**asked)


@pytest.fixture
def account(store: Store) -> FakeAccount:
    outputs = {"BucketName": store.bucket}
    return FakeAccount({"brightrun-dev": outputs}, clients={"s3": store.client})


@pytest.fixture
def install(tmp_path: Path, account: FakeAccount, hub: Hub) -> Install:
    account.parameters = {"ExtraBaseModels": json.dumps([ENTRY])}

    def run(*words: str, **environ: str) -> int:
        session = DeploySession(
            environ,
            tmp_path / "config.toml",
            transport=httpx.MockTransport(hub.answer),
            sleep=lambda _: None,
            connect_aws=account.connect,
        )
        samconfig = ["--samconfig", str(tmp_path / "none.toml")]
        return main(["models", "install-tokenizer", *words, *samconfig], session)

    return run


def test_what_was_installed_from_the_hub_counts_tokens_exactly(
    install: Install, store: Store
) -> None:
    assert install(MODEL) == 0
    encoder = find_encoder(store, MODEL, REVISION)
    assert encoder is not None
    assert installed_tokenizers(store) == {base_model_prefix(MODEL, REVISION)}


def test_the_token_goes_to_the_hub_and_to_nobody_else(install: Install, hub: Hub) -> None:
    assert install(MODEL, HF_TOKEN="hf_secret\n") == 0  # pragma: allowlist secret
    hosts = {(httpx.URL(url).host, said) for url, said in hub.asked}
    assert hosts == {("huggingface.co", "Bearer hf_secret"), ("cdn.test", None)}


def test_a_hub_that_fails_twice_is_asked_again(install: Install, hub: Hub) -> None:
    hub.failures = 2
    assert install(MODEL) == 0

    hub.failures = 99
    assert install(MODEL) == 2


def test_a_gated_model_says_what_helps(
    install: Install, hub: Hub, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.status = 401
    assert install(MODEL) == 2
    assert "set HF_TOKEN" in capsys.readouterr().err
    assert not installed_tokenizers(store)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tokenizer_config.json": "{}"}, "has no tokenizer.json"),
        ({**FILES, "tokenizer.json": "{}"}, "cannot be used"),
        ({"tokenizer.json": FILES["tokenizer.json"]}, "cannot be used"),
    ],
)
def test_what_cannot_be_loaded_is_not_stored(
    install: Install,
    hub: Hub,
    store: Store,
    files: dict[str, str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hub.files = files
    assert install(MODEL) == 2
    assert words in capsys.readouterr().err
    assert not installed_tokenizers(store)


def test_a_folder_will_do_without_a_network(
    install: Install, hub: Hub, store: Store, tmp_path: Path
) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    assert install(MODEL, "--from", str(tmp_path)) == 0
    assert find_encoder(store, MODEL, REVISION) is not None
    assert not hub.asked


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["own/other"], "unknown base model; known are own/small"),
        ([], "name one MODEL, or give --all"),
        ([MODEL, "--all"], "name one MODEL, or give --all"),
        ([MODEL, "--stage", "prod"], "brightrun-prod cannot be read"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    install: Install, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(*words) == 2
    assert told in capsys.readouterr().err


def test_of_all_of_them_one_that_cannot_be_had_hinders_no_other(
    install: Install, hub: Hub, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Hub here knows the stage's own model alone; the shipped ones are other revisions."""
    assert install("--all") == 1
    assert installed_tokenizers(store) == {base_model_prefix(MODEL, REVISION)}
    assert capsys.readouterr().err.count("has no tokenizer.json") == 3


@pytest.mark.parametrize("uploads", [0, 1])
def test_what_broke_off_in_the_middle_does_not_count_as_installed(
    install: Install,
    account: FakeAccount,
    store: Store,
    uploads: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account.clients["s3"] = Breaking(store.client, uploads)

    assert install(MODEL) == 3
    assert "AccessDenied" in capsys.readouterr().err
    assert not installed_tokenizers(store)
