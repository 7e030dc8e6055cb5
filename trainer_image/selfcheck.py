"""Can this image train here? Run when it is built and when a worker starts.

    python -m trainer_image.selfcheck [--gpu]

Prints one JSON object. Exit status 1, with the reasons, when something would go wrong later;
`--gpu` also requires a GPU that can do what the trainer asks of it.
"""

import json
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import torch
from bitsandbytes.consts import PACKAGE_DIR

from trainer_image import drift
from trainer_image.base_model import OLDEST_CAPABILITY
from trainer_image.packed import Documents
from trainer_image.versions import installed_versions

PINS = Path(__file__).parent / "requirements.in"
LEAST_DISK_BYTES = 5 * 10**9
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([0-9][^\s;]*)")
_ON_CUDA_ALONE = frozenset({"liger-kernel"})
_SAME_IN_BF16 = 2e-2


def main(arguments: list[str]) -> int:
    """Print what was found; the exit status says whether the worker may take jobs."""
    gpu = "--gpu" in arguments
    problems = [*drift.drifted(), *moved_pins(on_gpu=gpu), *small_disk()]
    problems += library_problems(torch.version.cuda)
    problems += compiler_problems(sysconfig.get_paths()["include"]) if find_spec("triton") else []
    problems += gpu_problems() if gpu else []
    report = {"problems": problems, "versions": installed_versions(), "gpu": _gpu_name()}
    sys.stdout.write(json.dumps(report) + "\n")
    return 1 if problems else 0


def moved_pins(*, on_gpu: bool) -> Iterator[str]:
    """Yield each pinned package that is installed in another version; a local build tag is fine."""
    for line in PINS.read_text(encoding="utf-8").splitlines():
        if not (pin := _PIN.match(line)):
            continue
        name, wanted = pin.groups()
        if name in _ON_CUDA_ALONE and not on_gpu:
            continue
        try:
            found = version(name).partition("+")[0]
        except PackageNotFoundError:
            found = "absent"
        if found != wanted:
            yield f"{name} is {found}, the image is made for {wanted}"


def small_disk() -> Iterator[str]:
    """Yield a sentence when no run could write its checkpoints here."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < LEAST_DISK_BYTES:
        yield f"{free / 1e9:.1f} GB of disk are free, {LEAST_DISK_BYTES / 1e9:.0f} GB are needed"


def library_problems(cuda: str | None) -> Iterator[str]:
    """Yield the file with bitsandbytes' kernels for torch's CUDA if it is not there."""
    name = f"libbitsandbytes_cuda{(cuda or '').replace('.', '')}.so"
    if cuda and not (PACKAGE_DIR / name).exists():
        yield f"bitsandbytes has no {name}"


def compiler_problems(headers: str, programs: str | None = None) -> Iterator[str]:
    """Yield what Triton would miss in the first step of a job, when it compiles a launcher.

    Args:
        headers: folder of Python's headers.
        programs: folders to search for a compiler; those of the environment when absent.
    """
    if not any(shutil.which(name, path=programs) for name in ("gcc", "clang")):
        yield "Triton needs a C compiler, and there is none"
    if not Path(headers, "Python.h").exists():
        yield f"Triton needs Python's headers, and {headers} has none"


def gpu_problems() -> list[str]:
    """Return why the GPU cannot train; exercises 4-bit weights and attention by document."""
    if not torch.cuda.is_available():
        return [f"no GPU is visible to torch: {_why_not()}"]
    if torch.cuda.get_device_capability() < OLDEST_CAPABILITY:
        return [f"{torch.cuda.get_device_name()} cannot compute in bf16"]
    return [*_attention_problems(), *_four_bit_problems()]


def _why_not() -> str:
    """Return CUDA's own words: an old driver reads differently from a host without a GPU."""
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        return str(error).partition("\n")[0]
    return "no reason given"


def _attention_problems() -> Iterator[str]:
    from trainer_image.kernels.attention import document_attention  # noqa: PLC0415 - GPU alone

    lengths = (100, 28)
    boundaries = torch.tensor([0, 100, 128], dtype=torch.int32, device="cuda")
    documents = Documents(lengths, boundaries)
    torch.manual_seed(0)
    wide = [torch.randn(1, heads, 128, 128, device="cuda") for heads in (8, 2, 2)]
    narrow = [tensor.bfloat16() for tensor in wide]
    module = torch.nn.Module()
    answers = [
        document_attention(module, query, key, value, None, scaling=0.088, documents=documents)[
            0
        ].float()
        for query, key, value in (wide, narrow)
    ]
    error = float((answers[0] - answers[1]).norm() / answers[0].norm())
    if not error < _SAME_IN_BF16:
        yield f"attention by document is off by {error:.3g} on this GPU"


def _four_bit_problems() -> Iterator[str]:
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit  # noqa: PLC0415 - as above

    weight = torch.linspace(-1, 1, 4096, device="cuda", dtype=torch.bfloat16).view(64, 64)
    packed, state = quantize_4bit(weight, quant_type="nf4", compress_statistics=True)
    error = float((dequantize_4bit(packed, state) - weight).abs().max())
    if not error < 0.2:  # noqa: PLR2004 - half the widest gap between two NF4 values
        yield f"4-bit weights come back off by {error:.3g}"


def _gpu_name() -> str | None:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
