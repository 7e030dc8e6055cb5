"""The image as far as it can be checked without building it; `make image` builds it."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

IMAGE = Path("trainer_image")
DOCKERFILE = (IMAGE / "Dockerfile").read_text(encoding="utf-8")


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
