"""Whether a file of a stranger is what its name says, as far as its first bytes tell. Pure.

Does not cover what the weights are worth: nobody has loaded them.
"""

import json

LENGTH_BYTES = 8
_LONGEST_HEADER_BYTES = 100_000_000
"""Source: https://github.com/huggingface/safetensors, the format's own bound."""


def complaint_about_file(name: str, head: bytes, size_bytes: int) -> str | None:
    """Return why the file is not what a model needs under this name; None when nothing tells so.

    Args:
        head: its first bytes; all of a small file.
    """
    if name.endswith(".safetensors"):
        return _about_tensors(head, size_bytes)
    if name == "adapter_config.json":
        return _about_config(head)
    return None


def _about_tensors(head: bytes, size_bytes: int) -> str | None:
    length = int.from_bytes(head[:LENGTH_BYTES], "little")
    fits = 1 < length <= min(_LONGEST_HEADER_BYTES, size_bytes - LENGTH_BYTES)
    header = head[LENGTH_BYTES : LENGTH_BYTES + length]
    if not fits or not header.startswith(b"{"):
        return "is no safetensors file"
    if len(header) < length:
        return None
    return None if _parsed(header) is not None else "has an unreadable header"


def _about_config(head: bytes) -> str | None:
    config = _parsed(head)
    if config is None:
        return "is no JSON object"
    kind = config.get("peft_type", "LORA")
    return None if kind == "LORA" else f"describes a {str(kind)[:40]}, not a LoRA"


def _parsed(text: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
