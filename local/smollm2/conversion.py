"""A Llama in a GGUF file written out as transformers reads it: weights, tokenizer, template."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from transformers import GenerationConfig, LlamaConfig, PreTrainedTokenizerFast

from local.smollm2.gguf_file import Floats, GgufFile, NotReadable

_CONTROL = 3
"""The type of a token that no text spells, such as the mark of a turn's end."""
_LAYER_PARTS = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_WHOLE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}


def convert(source: GgufFile, folder: Path) -> int:
    """Write the model into `folder` in 16 bits and return its number of weights.

    Raises:
        NotReadable: it is not a Llama with a tied head and a byte-level tokenizer.
    """
    kind = (source.facts["general.architecture"], source.facts["tokenizer.ggml.model"])
    if kind != ("llama", "gpt2") or "output.weight" in source.places:
        raise NotReadable(f"{source.path.name} is not a Llama of the kind that is converted here")
    config = config_of(source)
    weights = dict(_weight(source, config, name) for name in source.places)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    config.save_pretrained(folder)
    tokenizer = tokenizer_of(source)
    ends = tokenizer.eos_token_id
    GenerationConfig(eos_token_id=ends, pad_token_id=ends, do_sample=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _name_for_older_readers(folder / "tokenizer_config.json")
    return sum(tensor.numel() for tensor in weights.values())


def config_of(source: GgufFile) -> LlamaConfig:
    """Return the shape of the model as transformers names it."""
    facts = {name.removeprefix("llama."): value for name, value in source.facts.items()}
    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        dtype="bfloat16",
        vocab_size=len(source.facts["tokenizer.ggml.tokens"]),
        hidden_size=facts["embedding_length"],
        intermediate_size=facts["feed_forward_length"],
        num_hidden_layers=facts["block_count"],
        num_attention_heads=facts["attention.head_count"],
        num_key_value_heads=facts["attention.head_count_kv"],
        max_position_embeddings=facts["context_length"],
        rms_norm_eps=round(facts["attention.layer_norm_rms_epsilon"], 12),
        rope_parameters={"rope_type": "default", "rope_theta": float(facts["rope.freq_base"])},
        bos_token_id=source.facts["tokenizer.ggml.bos_token_id"],
        eos_token_id=source.facts["tokenizer.ggml.eos_token_id"],
        pad_token_id=source.facts["tokenizer.ggml.padding_token_id"],
        tie_word_embeddings=True,
    )


def tokenizer_of(source: GgufFile) -> PreTrainedTokenizerFast:
    """Return the tokenizer: byte-level, and each digit split off first, as `pre = smollm` means.

    Without that several blanks before a digit would be cut otherwise than the model learned them.
    """
    tokens: list[str] = source.facts["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in source.facts["tokenizer.ggml.merges"]]
    bpe = Tokenizer(models.BPE({token: at for at, token in enumerate(tokens)}, merges))
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    kinds = source.facts["tokenizer.ggml.token_type"]
    bpe.add_special_tokens([t for t, kind in zip(tokens, kinds, strict=True) if kind == _CONTROL])
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=tokens[source.facts["tokenizer.ggml.bos_token_id"]],
        eos_token=tokens[source.facts["tokenizer.ggml.eos_token_id"]],
        pad_token=tokens[source.facts["tokenizer.ggml.padding_token_id"]],
        chat_template=source.facts["tokenizer.chat_template"],
        model_max_length=source.facts["llama.context_length"],
        model_input_names=["input_ids", "attention_mask"],
    )


def _name_for_older_readers(path: Path) -> None:
    """Transformers 5 writes a class of its own for such tokenizers, which 4 does not know."""
    config = json.loads(path.read_bytes())
    path.write_text(json.dumps(config | {"tokenizer_class": "PreTrainedTokenizerFast"}, indent=2))


def _weight(source: GgufFile, config: LlamaConfig, name: str) -> tuple[str, Tensor]:
    part, ending = name.rsplit(".", 1)
    values = source.tensor(name)
    if part in _WHOLE:
        called = _WHOLE[part]
    else:
        _, layer, part = part.split(".")
        called = f"model.layers.{layer}.{_LAYER_PARTS[part]}"
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    if part in heads:
        values = _halves_apart(values, heads[part])
    return f"{called}.{ending}", torch.from_numpy(np.ascontiguousarray(values)).bfloat16()


def _halves_apart(rows: Floats, heads: int) -> Floats:
    """Return a head's rows as transformers rotates them: by halves, where GGUF has them by pairs.

    Source: `LlamaModel.permute` in llama.cpp's conversion, which this undoes.
    """
    by_pairs = rows.reshape(heads, -1, 2, rows.shape[1])
    return by_pairs.swapaxes(1, 2).reshape(rows.shape)
