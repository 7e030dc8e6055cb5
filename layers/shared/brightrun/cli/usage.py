"""How a downloaded adapter is used: the lines to copy. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from brightrun.models.view import ModelDetail

_PEFT = """\
# pip install torch transformers accelerate peft
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "{folder}"
tokenizer = AutoTokenizer.from_pretrained(folder)
base = AutoModelForCausalLM.from_pretrained(
    "{base}", {revision}dtype="auto", device_map="auto"
)
model = PeftModel.from_pretrained(base, folder)

messages = [{{"role": "user", "content": "…"}}]
inputs = tokenizer.apply_chat_template(
    messages, add_generation_prompt=True, return_dict=True, return_tensors="pt"
).to(model.device)
answer = model.generate(**inputs, max_new_tokens=200)
print(tokenizer.decode(answer[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))
"""
_VLLM = """\
vllm serve {base} {revision_option}--enable-lora \\
    --max-lora-rank {rank} --lora-modules {name}={folder}
"""
_MERGE = """\
# behind the lines for Python, with `dtype` a 16-bit one: merging into 4 bits loses what was learned
model.merge_and_unload().save_pretrained("{folder}-merged")
tokenizer.save_pretrained("{folder}-merged")
"""
_LEAST_VLLM_RANK = 8


class Way(StrEnum):
    """By what an adapter is used."""

    PYTHON = "python"
    VLLM = "vllm"
    MERGE = "merge"


_WAYS = {
    Way.PYTHON: ("Python, with transformers and PEFT", _PEFT),
    Way.VLLM: ("Served by vLLM, as an OpenAI endpoint", _VLLM),
    Way.MERGE: ("Merged into its base model, for what takes no adapters", _MERGE),
}


def usage_of(model: ModelDetail, folder: Path, base: Path | None = None) -> dict[Way, str]:
    """Return how to load a model with PEFT, serve it with vLLM, and merge it into its base.

    Args:
        base: where the base model lies on disk; else it comes from the Hub, at its revision.
    """
    revision = model.base_model_revision
    rank = model.configuration.hyperparameters.rank
    known = {
        "base": model.base_model if base is None else base.as_posix(),
        "revision": f'revision="{revision}", ' if base is None else "",
        "revision_option": f"--revision {revision} " if base is None else "",
        "folder": folder.as_posix(),
        # vLLM takes powers of two only.
        "rank": max(_LEAST_VLLM_RANK, 1 << (rank - 1).bit_length()),
        "name": model.id,
    }
    return {way: text.format(**known) for way, (_, text) in _WAYS.items()}


def page_of(usage: Mapping[Way, str]) -> str:
    """Return all of them under their headings."""
    return "\n".join(f"## {_WAYS[way][0]}\n{text}" for way, text in usage.items())
