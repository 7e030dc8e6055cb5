"""Everything that can refuse a run before the GPU works: weights, template, data, disk."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from brightrun.training.configuration import Hyperparameters
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.fake_platform import chat_rows
from tests.support.trainer.hubs import NOWHERE, fetched
from tests.support.trainer.tiny_model import MODEL_ID, REVISION, TEMPLATE
from trainer_image.bench_gpu.scenes import LLAMA_8B
from trainer_image.data import dataset as rows_file
from trainer_image.data.batches import NO_LOSS
from trainer_image.data.dataset import Rows, load_rows, open_encoder
from trainer_image.ipc.failures import RunFailed
from trainer_image.machine.host_memory import available_bytes, out_of_memory_kills
from trainer_image.model import base_model, weights
from trainer_image.model.base_model import Placement
from trainer_image.training import setup

TINY = BaseModelRef(id=MODEL_ID, revision=REVISION)
CPU = Placement(torch.device("cpu"), torch.float32, quantised=False)


@pytest.fixture
def tiny(models_dir: Path, tmp_path: Path) -> Path:
    """Return a copy of the model's folder, to be damaged."""
    return shutil.copytree(weights.local_folder(models_dir, TINY), tmp_path / "tiny")


def rows_of(dataset: bytes, tiny: Path, tmp_path: Path, **changes: object) -> Rows:
    path = tmp_path / "dataset"
    path.write_bytes(dataset)
    tune = Hyperparameters.model_validate(changes)
    return load_rows(path, open_encoder(tiny), tune, context_tokens=512)


def test_labels_hold_what_the_assistant_says_and_the_end_of_its_turn(
    tiny: Path, tmp_path: Path
) -> None:
    rows = rows_of(chat_rows(20), tiny, tmp_path)

    (row, *_) = rows.train
    trained = [int(token) for token in row.labels if token != NO_LOSS]
    encoder = open_encoder(tiny)._tokenizer.full
    assert encoder.decode(trained).startswith("The answer is ")
    assert trained[-1] == 2  # <|im_end|>: without it the model never learns to stop
    assert row.labels[0] == NO_LOSS


def test_rows_of_one_conversation_stay_on_one_side(tiny: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in chat_rows(60).splitlines()]
    doubled = b"\n".join(json.dumps(line).encode() for line in (*lines, *lines))

    rows = rows_of(doubled, tiny, tmp_path, validation_fraction=0.2)

    train = {row.conversation for row in rows.train}
    held_out = {row.conversation for row in rows.held_out}
    assert (len(train), len(held_out)) == (48, 12)
    assert not train & held_out


def test_a_row_over_the_limit_is_left_out_and_counted_never_cut(tiny: Path, tmp_path: Path) -> None:
    long = {
        "messages": [{"role": "user", "content": "a " * 200}, {"role": "assistant", "content": "b"}]
    }
    dataset = chat_rows(10) + b"\n" + json.dumps(long).encode()

    rows = rows_of(dataset, tiny, tmp_path, max_sequence_tokens=100)

    assert len(rows.train) + len(rows.held_out) == 10
    assert rows.left_out == {"too_long": 1}


def test_a_row_longer_than_the_models_context_fails_with_a_remedy(
    tiny: Path, tmp_path: Path
) -> None:
    long = {
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b " * 900}]
    }

    with pytest.raises(RunFailed, match="lower max_sequence_tokens to 512") as failure:
        rows_of(json.dumps(long).encode(), tiny, tmp_path, max_sequence_tokens=4096)

    assert failure.value.failure.code is FailureCode.CONTEXT_TOO_SHORT


SILENT = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""}]}'


@pytest.mark.parametrize(
    ("dataset", "why"),
    [
        (b"", "the file has no rows"),
        (b"not json\n", "not_json: 1"),
        (b'{"messages": []}', "no_assistant: 1"),
        (SILENT + b"\n" + SILENT + b"\n[]", "empty_content: 2, not_object: 1"),
    ],
)
def test_a_dataset_without_a_trainable_row_is_named_with_what_its_rows_lack(
    dataset: bytes, why: str, tiny: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunFailed) as failure:
        rows_of(dataset, tiny, tmp_path)

    assert failure.value.failure.code is FailureCode.NO_TRAINABLE_ROWS
    assert failure.value.failure.message == f"no row of the dataset can be trained on ({why})"


def test_a_base_model_without_a_chat_template_is_named(tiny: Path) -> None:
    settings = json.loads((tiny / "tokenizer_config.json").read_bytes())
    del settings["chat_template"]
    (tiny / "tokenizer_config.json").write_text(json.dumps(settings))

    with pytest.raises(RunFailed) as failure:
        open_encoder(tiny)

    assert failure.value.failure.code is FailureCode.CHAT_TEMPLATE_MISSING


def test_a_template_without_an_end_of_turn_is_refused(tiny: Path, tmp_path: Path) -> None:
    settings = json.loads((tiny / "tokenizer_config.json").read_bytes())
    settings["chat_template"] = TEMPLATE.replace("<|im_end|>", "")
    (tiny / "tokenizer_config.json").write_text(json.dumps(settings))

    with pytest.raises(RunFailed) as failure:
        rows_of(chat_rows(5), tiny, tmp_path)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "revision"), [("../etc", "main"), ("a/b/c", "main"), ("a/b", ".."), ("a/b", "x/y")]
)
def test_a_model_id_cannot_lead_out_of_the_models_folder(name: str, revision: str) -> None:
    with pytest.raises(RunFailed) as failure:
        weights.local_folder(Path("/models"), BaseModelRef(id=name, revision=revision))

    assert failure.value.failure.code is FailureCode.BAD_CONFIGURATION


def test_damaged_weights_are_named(tiny: Path) -> None:
    (tiny / "model.safetensors").write_bytes(b"\x00" * 64)

    with pytest.raises(RunFailed) as failure:
        base_model.load(tiny, CPU)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE


def test_a_large_adapter_asks_for_the_disk_of_its_checkpoints() -> None:
    """Rank 128 on 8B: 335,544,320 weights, 16 bytes each in a checkpoint, five at once."""
    needed = setup.disk_bytes({"model_type": "llama", **LLAMA_8B}, Hyperparameters(rank=128))

    assert needed == 335_544_320 * 16 * 5 + 10**9


class Hub(BaseHTTPRequestHandler):
    """A Hub that answers every request as it is told to."""

    status: ClassVar[int] = 404
    headers_sent: ClassVar[dict[str, str]] = {}
    body: ClassVar[bytes] = b"{}"

    def do_GET(self) -> None:
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(self.body)

    do_HEAD = do_GET  # noqa: N815 - the server's own spelling

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def a_hub(status: int, headers: dict[str, str], body: bytes = b"{}") -> Iterator[str]:
    made = type("Answering", (Hub,), {"status": status, "headers_sent": headers, "body": body})
    server = HTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "headers", "body", "code"),
    [
        (403, {"X-Error-Code": "GatedRepo"}, b"{}", FailureCode.BASE_MODEL_GATED),
        (404, {"X-Error-Code": "RepoNotFound"}, b"{}", FailureCode.BASE_MODEL_UNAVAILABLE),
        (404, {"X-Error-Code": "RevisionNotFound"}, b"{}", FailureCode.BASE_MODEL_UNAVAILABLE),
        (400, {}, b"{}", FailureCode.BASE_MODEL_UNAVAILABLE),
    ],
)
def test_what_the_hub_says_becomes_a_code(
    status: int, headers: dict[str, str], body: bytes, code: FailureCode, tmp_path: Path
) -> None:
    with a_hub(status, headers, body) as endpoint, pytest.raises(RunFailed) as failure:
        fetched(tmp_path / "cache", endpoint)

    assert failure.value.failure.code is code


def test_a_hub_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed) as failure:
        fetched(tmp_path / "cache", NOWHERE)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE


def test_the_kernels_count_of_killed_processes_is_read(tmp_path: Path) -> None:
    events = tmp_path / "memory.events"
    events.write_text("low 0\noom 3\noom_kill 2\n")

    assert out_of_memory_kills(events) == 2
    assert out_of_memory_kills(tmp_path / "absent") == 0


@pytest.mark.parametrize(("limit", "free"), [("max", 4096 * 1024), ("1000000", 1000000)])
def test_a_containers_limit_bounds_the_memory(tmp_path: Path, limit: str, free: int) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 8192 kB\nMemAvailable: 4096 kB\n")
    (tmp_path / "memory.max").write_text(limit + "\n")

    assert available_bytes(tmp_path / "meminfo", tmp_path / "memory.max") == free


def test_weights_larger_than_the_memory_are_refused_before_they_are_read(tiny: Path) -> None:
    with (tiny / "model.safetensors").open("r+b") as file:
        file.truncate(4 * 10**12)  # sparse: takes no disk

    with pytest.raises(RunFailed) as failure:
        base_model.require_memory(weights.stored_bytes(tiny), CPU)

    assert failure.value.failure.code is FailureCode.OUT_OF_MEMORY


def test_a_loaded_base_is_frozen_and_keeps_its_gradients_on_this_cpu(models_dir: Path) -> None:
    """4 bits on a CPU stand for what `load` does on a GPU: see `keep_cpu_gradients`."""
    folder = weights.local_folder(models_dir, TINY)

    model = base_model.load(folder, Placement(CPU.device, CPU.compute, quantised=True))

    layers = [part for part in model.modules() if hasattr(part, "support_avx512bf16_for_cpu")]
    assert len(layers) == 2 * 7
    assert [part for part in layers if part.support_avx512bf16_for_cpu] == []
    assert [name for name, each in model.named_parameters() if each.requires_grad] == []
    assert [n for n, p in base_model.load(folder, CPU).named_parameters() if p.requires_grad] == []


def test_a_second_copy_of_the_weights_needs_no_memory(tiny: Path) -> None:
    with (tiny / "consolidated.safetensors").open("wb") as file:
        file.truncate(4 * 10**12)  # sparse

    base_model.require_memory(weights.stored_bytes(tiny), CPU)


def test_context_is_read_from_the_models_configuration() -> None:
    assert rows_file.context_tokens({"max_position_embeddings": 512}) == 512
