"""Which libraries this run was made with, for `training_args.json` and the self-check."""

from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "bitsandbytes",
    "accelerate",
    "safetensors",
    "tokenizers",
    "liger-kernel",
    "runpod",
)


def installed_versions() -> dict[str, str | None]:
    """Return each package's version; None for one that is absent (Liger on a CPU)."""
    return {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
