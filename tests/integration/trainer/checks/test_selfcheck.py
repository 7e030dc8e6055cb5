"""What the image asks of itself when it is built, and on its GPU: libraries, kernels, folders."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from trainer_image.checks import drift, selfcheck
from trainer_image.model.base_model import Placement

IMAGE = Path("trainer_image")
DOCKERFILE = (IMAGE / "Dockerfile").read_text(encoding="utf-8")


def test_every_argument_we_pass_exists_in_the_installed_libraries() -> None:
    assert drift.drifted() == []


def test_a_renamed_argument_is_noticed() -> None:
    def renamed(*, gone_by_another_name: int) -> None: ...

    (lost,) = drift.lost_arguments({renamed: ("the_old_name",)})

    assert lost.endswith("has no argument the_old_name")


def test_a_keyword_that_is_swallowed_is_not_taken_for_known() -> None:
    def load(folder: str, *, dtype: str, **kwargs: object) -> object:
        return (folder, dtype, kwargs.pop("device_map", None))

    assert drift.consumed(load) == {"folder", "dtype", "kwargs", "device_map"}


def test_a_liger_that_has_changed_is_noticed() -> None:
    def apply(model: object, *, swiglu: bool, geglu: bool, cross_entropy: bool) -> None: ...

    changed = SimpleNamespace(
        MODEL_TYPE_TO_APPLY_LIGER_FN={"llama": apply},
        _apply_liger_kernel_to_instance=apply,
        apply_liger_kernel_to_llama=apply,
    )

    assert [line.rpartition(" has no ")[2] for line in drift.liger_drift(changed)] == [
        "argument fused_linear_cross_entropy",
        "apply_liger_kernel_to_gemma",
    ]


SWALLOWING = ("transformers", "peft", "bitsandbytes", "huggingface_hub")


def worker_files() -> list[Path]:
    """Return what a job runs: the bench has other libraries, and ends with its own report."""
    return [path for path in IMAGE.rglob("*.py") if "bench_gpu" not in path.parts]


def calls_with_keywords() -> Iterator[tuple[str, bool, set[str]]]:
    """Yield what the worker calls with keywords, and whether it is of a library that swallows."""
    for path in worker_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        theirs = {
            alias.name
            for node in imports
            if (node.module or "").partition(".")[0] in SWALLOWING
            for alias in node.names
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            names = {keyword.arg for keyword in node.keywords if keyword.arg}
            owner, _, name = f".{ast.unparse(node.func)}".rpartition(".")
            if names:
                yield name, bool({name, owner.strip(".")} & theirs), names


def test_every_argument_that_the_code_passes_is_in_the_list() -> None:
    """By the name of what is called: a list that is kept by hand forgets."""
    listed: dict[str, set[str]] = {}
    for function, arguments in {**drift.ARGUMENTS, **drift.CONSUMED}.items():
        name = re.sub(r"\.__(init|new)__$", "", function.__qualname__).rpartition(".")[2]
        listed.setdefault(name, set()).update(arguments)
    calls = list(calls_with_keywords())

    unlisted = [
        (name, sorted(names - listed.get(name, set())))
        for name, is_theirs, names in calls
        if (is_theirs or name in listed) and names - listed.get(name, set())
    ]
    assert unlisted == []
    assert len(worker_files()) > 50
    assert sum(is_theirs for _, is_theirs, _ in calls) >= 12


def test_the_development_environment_has_the_images_versions() -> None:
    assert list(selfcheck.moved_pins(on_gpu=False)) == []


def test_a_gpu_check_without_a_gpu_says_so_in_the_words_of_cuda() -> None:
    """An old driver must read differently from a host without a GPU."""
    found = selfcheck.gpu_problems()

    assert [problem.partition(": ")[0] for problem in found] in (["no GPU is visible to torch"], [])
    assert not any(problem.endswith((": ", "no reason given")) for problem in found)


CPU = Placement(torch.device("cpu"), torch.float32, quantised=False)


def test_fused_kernels_that_compute_alike_are_no_problem() -> None:
    assert list(selfcheck.fused_problems(CPU)) == []


def test_fused_kernels_that_cannot_be_had_are_a_problem_in_words() -> None:
    """Liger is not here, as in an image that lacks it or Triton; the device is the CPU's own."""

    class NamedCuda:
        type = "cuda"

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    elsewhere = replace(CPU, device=cast("Any", NamedCuda()))
    if find_spec("triton"):
        pytest.skip("Triton is here")

    (problem,) = selfcheck.fused_problems(elsewhere)

    assert problem.startswith("the fused kernels do not run: ModuleNotFoundError")


def test_a_missing_compiler_and_missing_headers_are_named(tmp_path: Path) -> None:
    found = list(selfcheck.compiler_problems(str(tmp_path), programs=str(tmp_path)))

    assert found == [
        "Triton needs a C compiler, and there is none",
        f"Triton needs Python's headers, and {tmp_path} has none",
    ]


def test_a_compiler_and_headers_are_enough(tmp_path: Path) -> None:
    (tmp_path / "Python.h").touch()
    (tmp_path / "gcc").touch(mode=0o755)

    assert list(selfcheck.compiler_problems(str(tmp_path), programs=str(tmp_path))) == []


def test_a_cuda_that_bitsandbytes_has_no_kernels_for_is_named() -> None:
    assert list(selfcheck.library_problems("13.0")) == []
    assert list(selfcheck.library_problems(None)) == []
    assert list(selfcheck.library_problems("99.9")) == [
        "bitsandbytes has no libbitsandbytes_cuda999.so"
    ]


def test_a_folder_that_the_user_may_not_write_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folders = {"HOME": str(tmp_path), "TRITON_CACHE_DIR": str(tmp_path / "file" / "triton")}

    (problem,) = selfcheck.closed_folders(folders)

    assert problem.startswith(f"TRITON_CACHE_DIR is {tmp_path}/file/triton, where user ")
