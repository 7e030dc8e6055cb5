"""The image as far as it can be checked without building it; `make image` builds it."""

import ast
import os
import re
import shutil
import subprocess
import sys
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


def test_every_package_of_the_lock_has_a_hash_and_every_pin_is_in_it() -> None:
    lock = (IMAGE / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z])", lock)
    locked = {block.split(" ")[0].split(";")[0] for block in blocks}
    pins = re.findall(r"^[a-z0-9.-]+==\S+$", (IMAGE / "requirements.in").read_text(), re.MULTILINE)

    assert len(blocks) > 60
    assert len(pins) == 11
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert set(pins) <= locked


def test_the_lock_names_no_download_address() -> None:
    assert "://" not in (IMAGE / "requirements.txt").read_text(encoding="utf-8")


def test_python_is_the_first_process_of_the_container() -> None:
    """Exec form: behind a shell, a killed worker's ping process would look alive for ever."""
    commands = re.findall(r"^(?:CMD|ENTRYPOINT) (.*)$", DOCKERFILE, re.MULTILINE)

    assert commands == ['["python", "-u", "-m", "trainer_image.handler"]']


def test_the_worker_is_not_root_and_cannot_change_its_own_code() -> None:
    """By number, for a host that refuses root; the kernels' cache is made by who will use it."""
    instructions = re.findall(r"^(RUN|USER|COPY|CMD) (.*)$", DOCKERFILE, re.MULTILINE)
    (user,) = [at for at, (name, _) in enumerate(instructions) if name == "USER"]
    named = instructions[user][1]

    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", named)
    assert [text for name, text in instructions[user + 1 :] if name != "CMD"] == [
        "python -m trainer_image.checks.selfcheck"
    ]
    assert f"useradd --uid {named.partition(':')[0]} " in DOCKERFILE
    assert not re.search(r"chown|chmod|sudo|setuid", DOCKERFILE)


def test_a_folder_that_the_user_may_not_write_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folders = {"HOME": str(tmp_path), "TRITON_CACHE_DIR": str(tmp_path / "file" / "triton")}

    (problem,) = selfcheck.closed_folders(folders)

    assert problem.startswith(f"TRITON_CACHE_DIR is {tmp_path}/file/triton, where user ")


def test_runpods_own_checks_make_no_cuda_context_in_the_parent() -> None:
    """They import torch there and hold memory of every GPU; ours run in another process."""
    assert "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS=true" in DOCKERFILE
    fitness = find_spec("runpod.serverless.modules.rp_fitness")
    assert fitness is not None
    assert fitness.origin is not None
    assert "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS" in Path(fitness.origin).read_text(encoding="utf-8")


def test_the_base_is_named_by_its_digest() -> None:
    """A tag moves; whoever builds from a mirror says so with BASE."""
    (base,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)

    assert re.fullmatch(r"debian:13\.\d+-slim@sha256:[0-9a-f]{64}", base)
    assert re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE) == ["$BASE"]


def test_the_image_carries_no_secret_and_no_address() -> None:
    set_names = re.findall(r"\b([A-Z][A-Z0-9_]+)=", DOCKERFILE)

    assert len(set_names) > 10
    assert [name for name in set_names if re.search("TOKEN|KEY|SECRET|PASSWORD", name)] == []
    assert "://" not in DOCKERFILE


def test_what_the_build_deletes_leaves_the_kernels_for_our_cuda() -> None:
    (deletion,) = re.findall(r"(find bitsandbytes .*) -delete", DOCKERFILE)
    package = find_spec("bitsandbytes")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent
    listed = subprocess.run(  # noqa: S602 - the Dockerfile's own line, printing instead
        deletion, shell=True, cwd=folder.parent, check=True, capture_output=True, text=True
    )
    there = {file.name for file in folder.glob("*.so")}
    kept = there - {Path(line).name for line in listed.stdout.splitlines()}

    assert {"libbitsandbytes_cuda130.so", "libbitsandbytes_cpu.so"} <= kept
    assert len(kept) <= 4 < len(there)


def test_an_engine_is_asked_for_our_platform_and_version_and_given_the_rest(tmp_path: Path) -> None:
    """Stands in for podman by a program that writes down what it was told."""
    said = tmp_path / "said"
    _program(tmp_path / "podman", f'echo "$@" >>{said}')

    done = _build(tmp_path, "--build-arg", "BASE=mirror/debian")

    assert done.returncode == 0, done.stderr
    built, measured = said.read_text().splitlines()[1:3]
    assert "--platform linux/amd64 -f trainer_image/Dockerfile" in built
    assert re.search(r"--build-arg VERSION=[0-9a-f]{7,}(-dirty)? --build-arg BASE=mirror", built)
    assert measured.startswith("run --rm brightrun-trainer sh -c")


def test_without_an_engine_the_build_says_so(tmp_path: Path) -> None:
    _program(tmp_path / "docker", "exit 1")

    done = _build(tmp_path)

    assert done.returncode == 1
    assert done.stderr == "neither docker, podman nor buildah works here\n"


def _build(programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the build where `programs` has the only engines; what else it needs is linked in."""
    for name in ("git", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or name)
    return subprocess.run(  # noqa: S603 - our own script
        ["/bin/sh", str(Path("tools/build-image").resolve()), *arguments],
        env={**os.environ, "PATH": str(programs)},
        check=False,
        capture_output=True,
        text=True,
    )


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def test_everything_the_dockerfile_copies_exists() -> None:
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)

    assert len(copied) == 3
    assert [source for source in copied if not Path(source).exists()] == []


@pytest.mark.parametrize("heavy", ["torch", "transformers", "runpod"])
def test_importing_the_handler_loads_nothing_heavy(heavy: str) -> None:
    """The parent process must not hold GPU memory; torch belongs to its child."""
    code = f"import sys, trainer_image.handler; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
