"""Can this image train here? Run when it is built and when a worker starts.

    python -m trainer_image.checks.selfcheck [--gpu]

Prints one JSON object; its `environment` is what training processes here have to be given. Exit
status 1, with the reasons, when something would go wrong later;
`--gpu` also requires a GPU that can do what the trainer asks of it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.consts import PACKAGE_DIR
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaConfig

from trainer_image.checks import drift, exchange
from trainer_image.data.batches import Documents
from trainer_image.machine.versions import installed_versions
from trainer_image.model.base_model import OLDEST_CAPABILITY, Placement
from trainer_image.model.kernels import liger
from trainer_image.training.memory_plan import use_fused_kernels
from trainer_image.worker.volume_folders import is_writable

PINS = Path(__file__).parents[1] / "requirements.in"
LEAST_DISK_BYTES = 5 * 10**9
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([0-9][^\s;]*)")
_ON_CUDA_ALONE = frozenset({"liger-kernel"})
_SAME_IN_BF16 = 2e-2
_SMALL: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.05,
}
"""With weights so loud that a gate wrong by a tenth shows: by 3 %, where rounding is below 1 %."""


def main(arguments: list[str]) -> int:
    """Print what was found; the exit status says whether the worker may take jobs."""
    gpu = "--gpu" in arguments
    problems = [*drift.drifted(), *moved_pins(on_gpu=gpu), *small_disk()]
    problems += closed_folders(os.environ)
    problems += library_problems(torch.version.cuda)
    problems += compiler_problems(sysconfig.get_paths()["include"]) if find_spec("triton") else []
    problems += gpu_problems() if gpu else []
    told = exchange_settings() if gpu and not problems else {}
    if gpu and not problems:
        count = torch.cuda.device_count()
        problems += exchange.exchange_problems(count, {**os.environ, **told})
    report = {
        "problems": problems,
        "environment": told,
        "versions": installed_versions(),
        "gpu": _gpu_name(),
        "user": os.getuid(),
    }
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


def closed_folders(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield each folder that libraries write to and this user may not: the image has no root."""
    for name in ("HOME", "TRITON_CACHE_DIR"):
        if (folder := environment.get(name)) and not is_writable(Path(folder)):
            yield f"{name} is {folder}, where user {os.getuid()} may not write"


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
    """Return why a GPU cannot train; exercises on each of them what a step does."""
    if not torch.cuda.is_available():
        return [f"no GPU is visible to torch: {_why_not()}"]
    return [
        f"GPU {place}: {problem}"
        for place in range(torch.cuda.device_count())
        for problem in _problems_of(place)
    ]


def exchange_settings() -> dict[str, str]:
    """Return what this machine's training processes have to know, for several GPUs to work."""
    peers = exchange.all_are_peers(torch.cuda.device_count())
    return exchange.settings_for(exchange.shared_bytes(), peers=peers)


def _problems_of(place: int) -> list[str]:
    if torch.cuda.get_device_capability(place) < OLDEST_CAPABILITY:
        return [f"{torch.cuda.get_device_name(place)} cannot compute in bf16"]
    where = Placement(torch.device("cuda", place), torch.bfloat16, quantised=True)
    with torch.cuda.device(place):
        return [*_attention_problems(), *_four_bit_problems(), *fused_problems(where)]


def _why_not() -> str:
    """Return CUDA's own words: an old driver reads differently from a host without a GPU."""
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        return str(error).partition("\n")[0]
    return "no reason given"


def _attention_problems() -> Iterator[str]:
    from trainer_image.model.kernels.attention import document_attention  # noqa: PLC0415 - GPU alone

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


def fused_problems(where: Placement) -> Iterator[str]:
    """Yield what is wrong with the kernels for norm, gate and rotation, there and back.

    Triton compiles them here for the first time: what it lacks is better known before a job, and
    what it made is in its cache for the first step.
    """
    torch.manual_seed(0)
    with where.device:
        model = AutoModelForCausalLM.from_config(LlamaConfig(**_SMALL)).to(where.compute)
        hidden = torch.randn(1, 64, _SMALL["hidden_size"], dtype=where.compute).requires_grad_()
    model.requires_grad_(requires_grad=False)
    try:
        plain = _there_and_back(model, hidden)
        use_fused_kernels(model, where)
        fused = _there_and_back(model, hidden)
    except (RuntimeError, OSError, ImportError, subprocess.SubprocessError) as error:
        yield f"the fused kernels do not run: {type(error).__name__}: {error}"
        return
    finally:
        liger.give_back()
    for name, found, wanted in zip(("values", "gradients"), fused, plain, strict=True):
        off = float((found - wanted).norm() / wanted.norm())
        if not off < _SAME_IN_BF16:
            yield f"{name} of the fused kernels are off by {off:.3g}"


def _there_and_back(model: Any, hidden: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
    output = model.get_decoder()(inputs_embeds=hidden).last_hidden_state.float()
    slope = torch.linspace(-1, 1, output.numel(), device=output.device).view_as(output)
    (gradient,) = torch.autograd.grad((output * slope).sum(), hidden)
    return output.detach(), gradient.float()


def _gpu_name() -> str | None:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
