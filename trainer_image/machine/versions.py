"""Which libraries this run was made with, for `training_args.json` and the self-check."""

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "bitsandbytes",
    "accelerate",
    "safetensors",
    "tokenizers",
    "fastokens",
    "liger-kernel",
    "runpod",
)


def installed_versions() -> dict[str, str | None]:
    """Return Python's and each package's version; None for an absent one (Liger on a CPU)."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
