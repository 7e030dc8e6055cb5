"""The GPU benchmark runs to its end on the toy shape: proof of the script, not of a speed."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_gpu_benchmark_prints_every_section_as_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trainer_image.bench_gpu", "--tiny"],
        capture_output=True,
        check=True,
        timeout=240,
    )

    report = json.loads(done.stdout)
    assert {name for name, part in report.items() if "section_seconds" in part} == {
        "kernels",
        "packed_against_separate",
        "gemm_roof",
        "ours_mixed",
        "ours_long",
        "memory",
        "resume",
        "trl",
    }
    assert report["ours_mixed"]["recomputed_0"]["tokens_per_second"] > 0
    assert report["packed_against_separate"]["relative_difference"] < 1e-6
    assert report["resume"]["largest_loss_difference"] == 0
