"""Measure the trainer on this machine's GPU, in one command and under ten minutes, as JSON.

    python -m trainer_image.bench_gpu [--tiny | --config llama-70b] [--only SECTION]

`--tiny` runs the same code on the CPU with a toy shape: it proves the script, not the speed.
Sections run in order of worth and each is caught on its own, so that what was measured before a
failure is still printed; each is also written to standard error as it ends. Nothing is
downloaded; weights are random. The exit status is 1 when a section failed, a promise is broken, or
this machine cannot use 4-bit weights or the fused layers.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.metadata import PackageNotFoundError, version

import torch

from trainer_image.bench_gpu.default_step import ours_default
from trainer_image.bench_gpu.kernels import kernel_errors
from trainer_image.bench_gpu.memory import memory_against_estimate, slowest_kernels
from trainer_image.bench_gpu.others import trl_baseline
from trainer_image.bench_gpu.ours import ours_chosen, ours_long, ours_mixed
from trainer_image.bench_gpu.packing import gemm_roof, packed_against_separate
from trainer_image.bench_gpu.report import Figures, Section, run_sections
from trainer_image.bench_gpu.resume import resume
from trainer_image.bench_gpu.scenes import SCENES, scene_named
from trainer_image.bench_gpu.workbench import Workbench, find_unusable
from trainer_image.machine.versions import installed_versions

LIMIT_SECONDS = 570.0
OTHERS = ("trl", "datasets", "triton")
SECTIONS: Mapping[str, Section] = {
    "kernels": Section(kernel_errors, 20),
    "packed_against_separate": Section(packed_against_separate, 20),
    "gemm_roof": Section(gemm_roof, 2),
    "ours_default": Section(ours_default, 40),
    "ours_mixed": Section(ours_mixed, 90),
    "ours_long": Section(ours_long, 70),
    "memory": Section(memory_against_estimate, 30),
    "resume": Section(resume, 30),
    "profile": Section(slowest_kernels, 10),
    "trl": Section(trl_baseline, 60),
}
SECOND_RUN: Mapping[str, Section] = {
    "ours_chosen": Section(ours_chosen, 90),
    "memory": Section(memory_against_estimate, 40),
}


def main() -> int:
    """Print every section's row; the exit status says whether what was measured held."""
    arguments = _arguments()
    name = "tiny" if arguments.tiny else arguments.config
    if name != "tiny" and not torch.cuda.is_available():
        sys.stderr.write("no GPU is visible to torch: --tiny runs on the CPU\n")
        return 2
    bench = Workbench(scene_named(name))
    sections = SECOND_RUN if bench.scene.name == "llama-70b" else SECTIONS
    if arguments.only:
        sections = {name: sections[name] for name in sections if name in arguments.only}
    with redirect_stdout(sys.stderr):  # libraries print
        report = _measured(bench, sections, arguments.limit_seconds)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if report["kept"] is False or report["unusable"] else 0


def _measured(bench: Workbench, sections: Mapping[str, Section], limit_seconds: float) -> Figures:
    bench.unusable = find_unusable(bench.scene)
    return {
        "config": bench.scene.name,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "versions": installed_versions() | {name: _version(name) for name in OTHERS},
        "unusable": bench.unusable,
        **run_sections(sections, bench, limit_seconds),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a toy shape on the CPU")
    parser.add_argument("--config", choices=SCENES, default="llama-8b")
    parser.add_argument("--only", action="append", choices=[*SECTIONS, *SECOND_RUN])
    parser.add_argument("--limit-seconds", type=float, default=LIMIT_SECONDS)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
