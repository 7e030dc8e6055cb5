"""The image as far as it can be checked without building it."""

import re
import sys
from pathlib import Path

import pytest

from trainer_image import drift, selfcheck

IMAGE = Path("trainer_image")
DOCKERFILE = (IMAGE / "Dockerfile").read_text(encoding="utf-8")


def test_every_argument_we_pass_exists_in_the_installed_libraries() -> None:
    assert drift.drifted() == []


def test_a_renamed_argument_is_noticed() -> None:
    def renamed(*, gone_by_another_name: int) -> None: ...

    (lost,) = drift.lost_arguments({renamed: ("the_old_name",)})

    assert lost.endswith("has no argument the_old_name")


def test_the_development_environment_has_the_images_versions() -> None:
    assert list(selfcheck.moved_pins(on_gpu=False)) == []


def test_a_gpu_check_without_a_gpu_says_so() -> None:
    assert selfcheck.gpu_problems() in (["no GPU is visible to torch"], [])


def test_every_package_of_the_lock_has_a_hash_and_every_pin_is_in_it() -> None:
    lock = (IMAGE / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z])", lock)
    locked = {block.split(" ")[0].split(";")[0] for block in blocks}
    pins = re.findall(r"^[a-z0-9.-]+==\S+$", (IMAGE / "requirements.in").read_text(), re.MULTILINE)

    assert len(blocks) > 60
    assert len(pins) == 10
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert set(pins) <= locked


def test_the_lock_names_no_download_address() -> None:
    assert "://" not in (IMAGE / "requirements.txt").read_text(encoding="utf-8")


def test_python_is_the_first_process_of_the_container() -> None:
    """Exec form: behind a shell, a killed worker's ping process would look alive for ever."""
    commands = re.findall(r"^(?:CMD|ENTRYPOINT) (.*)$", DOCKERFILE, re.MULTILINE)

    assert commands == ['["python", "-u", "-m", "trainer_image.handler"]']


def test_everything_the_dockerfile_copies_exists() -> None:
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)

    assert len(copied) == 3
    assert [source for source in copied if not Path(source).exists()] == []


@pytest.mark.parametrize("heavy", ["torch", "transformers", "runpod"])
def test_importing_the_handler_loads_nothing_heavy(heavy: str) -> None:
    """The parent process must not hold GPU memory; torch belongs to its child."""
    import subprocess  # noqa: PLC0415 - a fresh interpreter

    code = f"import sys, trainer_image.handler; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
